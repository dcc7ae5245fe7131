import { AppShell, Burger, Group, VisuallyHidden } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useQueryClient } from '@tanstack/react-query';
import { Link, Outlet, useRouter } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useState } from 'react';
import { namespaceKeys } from '@/api/namespaces';
import { repositoryKeys } from '@/api/repositories';
import { sessionQuery, useSession } from '@/api/session';
import { ANNOUNCEMENTS } from '@/ui/announce';
import { ButtonLink } from '@/ui/links';
import { AccountMenu } from './AccountMenu';
import { ConnectionBar } from './ConnectionBar';
import { useBursts } from './events';
import { LanguageSwitch } from './LanguageSwitch';
import { useKey } from './keys';
import { Logo } from './Logo';
import { OfflineBar } from './OfflineBar';
import { SearchBox } from './SearchBox';
import { useSessionOver } from './session-over';
import classes from './Shell.module.css';
import { Sidebar } from './Sidebar';
import { ThemeMenu } from './ThemeMenu';
import { useWords } from './words';

const KeyHelp = lazy(() => import('./KeyHelp'));
const SignInAgain = lazy(() => import('@/features/session/SignInAgain'));

/** What is around every page: header, sidebar, the page's landmark, and where overlays and announcements go. */
export function Shell() {
  const say = useWords();
  const user = useSession().user ?? null;
  const over = useSessionOver();
  const [helping, setHelping] = useState(false);
  const [opened, { toggle, close }] = useDisclosure(false);
  useKey('?', 'console.core.keys', () => setHelping(true));
  useFocusAfterNavigation(close);
  useOwnRights(user !== null);
  return (
    <AppShell header={{ height: 48 }} navbar={{ width: 208, breakpoint: 'sm', collapsed: { mobile: !opened } }} padding={{ base: 16, sm: 24 }} transitionDuration={0}>
      <a href="#content" className={classes.skip}>
        {say('console.core.skip')}
      </a>
      <AppShell.Header className={classes.header}>
        <Burger opened={opened} onClick={toggle} hiddenFrom="sm" size="sm" aria-label={say('console.core.menu')} aria-expanded={opened} />
        <Link to={user ? '/images' : '/explore'} aria-label={say('console.core.home')} className={classes.logo}>
          <Logo />
        </Link>
        <SearchBox />
        <Group gap={4} wrap="nowrap" ml="auto">
          <LanguageSwitch />
          <ThemeMenu />
          {user ? (
            <AccountMenu user={user} />
          ) : (
            <ButtonLink to="/sign-in" variant="default">
              {say('console.core.sign_in')}
            </ButtonLink>
          )}
        </Group>
      </AppShell.Header>
      <AppShell.Navbar className={classes.navbar} aria-label={say('console.core.navigation')}>
        <Sidebar user={user} />
      </AppShell.Navbar>
      <AppShell.Main id="content" tabIndex={-1} className={classes.main}>
        <OfflineBar />
        <ConnectionBar />
        <Outlet />
        <Suspense fallback={null}>
          {over && <SignInAgain />}
          {helping && <KeyHelp onClose={() => setHelping(false)} />}
        </Suspense>
        <div id="overlays" />
      </AppShell.Main>
      <VisuallyHidden id={ANNOUNCEMENTS} aria-live="polite" />
    </AppShell>
  );
}

/** What somebody may do is said by what is shown: all of it is read again when their rights change. */
function useOwnRights(isSomebody: boolean) {
  const queries = useQueryClient();
  useBursts(isSomebody ? 'me' : undefined, () => {
    for (const queryKey of [sessionQuery.queryKey, namespaceKeys.all, repositoryKeys.all]) void queries.invalidateQueries({ queryKey });
  });
}

/** After going to another page its heading has the focus, so that a reader hears it and Tab goes on from there. */
function useFocusAfterNavigation(then: () => void) {
  const router = useRouter();
  useEffect(
    () =>
      router.subscribe('onRendered', ({ fromLocation, pathChanged }) => {
        if (!fromLocation || !pathChanged) return;
        then();
        document.querySelector('h1')?.focus({ preventScroll: true });
      }),
    [router, then],
  );
}
