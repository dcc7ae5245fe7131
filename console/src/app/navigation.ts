// The sidebar, top to bottom. A page that is not there yet has no entry.
import {
  IconActivity,
  IconGitBranch,
  IconLayoutGrid,
  IconPackage,
  IconServer,
  IconSettings,
  IconStar,
  IconWorld,
  type TablerIcon,
} from '@tabler/icons-react';
import type { LinkProps } from '@tanstack/react-router';
import type { SignedInUser } from '@/api/session';
import type { WordKey } from './words';

export interface Place {
  label: WordKey;
  icon: TablerIcon;
  link: Pick<LinkProps, 'to' | 'params' | 'search'>;
  /** Who has it in the sidebar; everybody where this is missing. */
  who?: (user: SignedInUser | null) => boolean;
  /** Begins a group, with a line above it. */
  group?: boolean;
}

const signedIn = (user: SignedInUser | null) => user !== null;

// In this order: images, favourites, public images, namespaces; sources, clusters, activity; administration.
export const places: Place[] = [
  { label: 'console.core.nav.images', icon: IconPackage, link: { to: '/images', search: { fav: undefined } }, who: signedIn },
  { label: 'console.core.nav.favourites', icon: IconStar, link: { to: '/images', search: { fav: true } }, who: signedIn },
  { label: 'console.core.nav.explore', icon: IconWorld, link: { to: '/explore' } },
  { label: 'console.core.nav.namespaces', icon: IconLayoutGrid, link: { to: '/namespaces' }, who: signedIn },
  { label: 'console.core.nav.sources', icon: IconGitBranch, link: { to: '/sources' }, who: signedIn, group: true },
  { label: 'console.core.nav.clusters', icon: IconServer, link: { to: '/clusters' }, who: signedIn },
  { label: 'console.core.nav.activity', icon: IconActivity, link: { to: '/activity' }, who: signedIn },
  { label: 'console.core.nav.admin', icon: IconSettings, link: { to: '/admin' }, who: (user) => user?.admin === true, group: true },
];
