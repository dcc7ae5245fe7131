import { Group, Title } from '@mantine/core';
import { type ReactNode, useEffect } from 'react';
import { type Crumb, Crumbs } from '@/ui/Crumbs';
import { MiddleCut } from '@/ui/MiddleCut';
import classes from './Page.module.css';

interface PageProps {
  /** The heading; a name is cut in the middle where it does not fit. */
  title: string;
  /** What the window is called, from the page outwards: ["v1.4.2", "team/web"]; the heading where this is missing. */
  windowTitle?: string[];
  crumbs?: Crumb[];
  /** Behind the heading: type, address, star. */
  beside?: ReactNode;
  /** To the right: the one primary button first. */
  actions?: ReactNode;
  children: ReactNode;
}

/** A page: where it is, its one heading, its main actions, its content. */
export function Page({ title, windowTitle = [title], crumbs = [], beside, actions, children }: PageProps) {
  const name = [...windowTitle, 'wharf'].join(' · ');
  useEffect(() => {
    document.title = name;
  }, [name]);
  return (
    <>
      <Crumbs items={crumbs} />
      <div className={classes.head}>
        <Title order={1} tabIndex={-1} className={classes.title}>
          <MiddleCut text={title} />
        </Title>
        {beside}
        {actions && (
          <Group gap="sm" className={classes.actions}>
            {actions}
          </Group>
        )}
      </div>
      {children}
    </>
  );
}
