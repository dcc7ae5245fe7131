import { createFileRoute } from '@tanstack/react-router';
import { type BuildFilter, buildsQuery } from '@/api/builds';
import { rulesQuery } from '@/api/rules';
import { requireMay } from '@/app/guards';
import { loadWords } from '@/app/words';
import { BuildsPage } from '@/features/builds/BuildsPage';
import { readBuildFilter } from '@/features/builds/search';

export const Route = createFileRoute('/_shell/images/$name/builds/-/new')({
  // The list beneath keeps what it is narrowed to.
  validateSearch: (search): BuildFilter & { by?: string } => ({
    ...readBuildFilter(search),
    by: typeof search.by === 'string' ? search.by : undefined,
  }),
  beforeLoad: (page) => requireMay(page, 'start_builds'),
  loaderDeps: ({ search }) => readBuildFilter(search),
  loader: ({ context, params: { name }, deps }) =>
    Promise.all([
      loadWords('builds', 'rules'),
      context.queries.ensureQueryData(rulesQuery(name)),
      context.queries.ensureInfiniteQueryData(buildsQuery(name, deps)),
    ]),
  component: NewBuild,
});

function NewBuild() {
  const { by, ...filter } = Route.useSearch();
  return <BuildsPage name={Route.useParams().name} search={filter} starting={{ by }} />;
}
