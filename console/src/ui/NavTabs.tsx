import type { LinkProps } from '@tanstack/react-router';
import { createLink, useRouterState } from '@tanstack/react-router';
import { type ComponentProps, useEffect, useRef } from 'react';
import classes from './NavTabs.module.css';

const TabLink = createLink((props: ComponentProps<'a'>) => <a {...props} />);

export type Tab = { label: string } & Pick<LinkProps, 'to' | 'params' | 'search'> & { exact?: boolean };

/** Parts of one thing, each a page with its own address. */
export function NavTabs({ label, items }: { label: string; items: Tab[] }) {
  const nav = useRef<HTMLElement>(null);
  // Once it is there: before, none of them is open.
  const path = useRouterState({ select: (state) => state.resolvedLocation?.pathname });
  // Where they are wider than the window, the one that is open is seen.
  useEffect(() => {
    const open = path && nav.current?.querySelector<HTMLElement>('[aria-current="page"]');
    if (nav.current && open) nav.current.scrollLeft = open.offsetLeft - nav.current.offsetLeft - (nav.current.clientWidth - open.clientWidth) / 2;
  }, [path]);
  return (
    <nav ref={nav} aria-label={label} className={classes.root}>
      {items.map(({ label: name, exact, ...link }) => (
        <TabLink key={name} {...link} className={classes.tab} activeOptions={{ exact: exact ?? false, includeSearch: false }}>
          {name}
        </TabLink>
      ))}
    </nav>
  );
}
