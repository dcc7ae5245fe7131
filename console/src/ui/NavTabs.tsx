import type { LinkProps } from '@tanstack/react-router';
import { createLink } from '@tanstack/react-router';
import type { ComponentProps } from 'react';
import classes from './NavTabs.module.css';

const TabLink = createLink((props: ComponentProps<'a'>) => <a {...props} />);

export type Tab = { label: string } & Pick<LinkProps, 'to' | 'params' | 'search'> & { exact?: boolean };

/** Parts of one thing, each a page with its own address. */
export function NavTabs({ label, items }: { label: string; items: Tab[] }) {
  return (
    <nav aria-label={label} className={classes.root}>
      {items.map(({ label: name, exact, ...link }) => (
        <TabLink key={name} {...link} className={classes.tab} activeOptions={{ exact: exact ?? false, includeSearch: false }}>
          {name}
        </TabLink>
      ))}
    </nav>
  );
}
