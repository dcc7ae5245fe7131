import { Group, VisuallyHidden } from '@mantine/core';
import type { ReactNode } from 'react';
import { ANNOUNCEMENTS } from '@/ui/announce';
import { ConnectionBar } from './ConnectionBar';
import { LanguageSwitch } from './LanguageSwitch';
import { Logo } from './Logo';
import classes from './PlainPage.module.css';
import { ThemeMenu } from './ThemeMenu';

/** A page without the shell: one narrow column, for signing in. */
export function PlainPage({ children }: { children: ReactNode }) {
  return (
    <div className={classes.root}>
      <header className={classes.header}>
        <span className={classes.logo}>
          <Logo />
        </span>
        <Group gap={4}>
          <LanguageSwitch />
          <ThemeMenu />
        </Group>
      </header>
      <main className={classes.main}>
        <ConnectionBar />
        {children}
        <div id="overlays" />
      </main>
      <VisuallyHidden id={ANNOUNCEMENTS} aria-live="polite" />
    </div>
  );
}
