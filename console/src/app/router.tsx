// The router: addresses, what every loader may use, and what is shown while and when a page cannot be.
import { createRouter } from '@tanstack/react-router';
import { FailedPage } from './FailedPage';
import { MissingPage } from './MissingPage';
import { queries } from './queries';
import { PageSkeleton } from './PageSkeleton';
import { readUrl, writeUrl } from './urls';
import { routeTree } from '@/routeTree.gen';

/** A skeleton before this (ms) would flash; after it the reader would wonder. */
const SKELETON_AFTER = 200;

export const router = createRouter({
  routeTree,
  context: { queries },
  rewrite: { input: ({ url }) => readUrl(url), output: ({ url }) => writeUrl(url) },
  pathParamsAllowedCharacters: [':'],
  defaultPreload: 'intent',
  // The cache of queries decides what is stale.
  defaultPreloadStaleTime: 0,
  defaultPendingMs: SKELETON_AFTER,
  defaultPendingMinMs: 0,
  defaultPendingComponent: PageSkeleton,
  defaultErrorComponent: FailedPage,
  defaultNotFoundComponent: MissingPage,
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
