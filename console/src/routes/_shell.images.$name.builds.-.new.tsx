import { createFileRoute } from '@tanstack/react-router';
import { buildsQuery } from '@/api/builds';
import { rulesQuery } from '@/api/rules';
import { requireMay } from '@/app/guards';
import { loadWords } from '@/app/words';
import { BuildsPage } from '@/features/builds/BuildsPage';

export const Route = createFileRoute('/_shell/images/$name/builds/-/new')({
  validateSearch: (search): { by?: string } => ({ by: typeof search.by === 'string' ? search.by : undefined }),
  beforeLoad: (page) => requireMay(page, 'start_builds'),
  loader: ({ context, params: { name } }) =>
    Promise.all([
      loadWords('builds', 'rules'),
      context.queries.ensureQueryData(rulesQuery(name)),
      context.queries.ensureInfiniteQueryData(buildsQuery(name, {})),
    ]),
  component: NewBuild,
});

function NewBuild() {
  return <BuildsPage name={Route.useParams().name} filter={{}} starting={Route.useSearch()} />;
}
