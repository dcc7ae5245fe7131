import { createFileRoute, redirect } from '@tanstack/react-router';
import { repositoriesQuery } from '@/api/repositories';
import { sessionQuery } from '@/api/session';
import { loadWords } from '@/app/words';
import { ExplorePage } from '@/features/explore/ExplorePage';
import { readExploreSearch, toFilter } from '@/features/explore/search';

export const Route = createFileRoute('/_shell/explore')({
  validateSearch: readExploreSearch,
  beforeLoad: async ({ context }) => {
    // An administrator's switch: without it there is nothing here for whoever is not signed in.
    const { user, public_images: open } = await context.queries.ensureQueryData(sessionQuery);
    if (!user && !open) throw redirect({ to: '/sign-in' });
  },
  loaderDeps: ({ search }) => readExploreSearch({ ...search }),
  loader: ({ context, deps }) =>
    Promise.all([loadWords('explore'), context.queries.ensureInfiniteQueryData(repositoriesQuery(toFilter(deps)))]),
  component: Explore,
});

function Explore() {
  return <ExplorePage search={Route.useSearch()} />;
}
