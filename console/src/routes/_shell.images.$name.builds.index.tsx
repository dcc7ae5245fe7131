import { createFileRoute } from '@tanstack/react-router';
import { buildsQuery } from '@/api/builds';
import { rulesQuery } from '@/api/rules';
import { requireUser } from '@/app/guards';
import { loadWords } from '@/app/words';
import { BuildsPage } from '@/features/builds/BuildsPage';
import { readBuildFilter, readBuildsSearch } from '@/features/builds/search';

export const Route = createFileRoute('/_shell/images/$name/builds/')({
  validateSearch: readBuildsSearch,
  beforeLoad: requireUser,
  loaderDeps: ({ search }) => readBuildFilter(search),
  loader: ({ context, params: { name }, deps }) =>
    Promise.all([
      loadWords('builds', 'rules'),
      context.queries.ensureQueryData(rulesQuery(name)),
      context.queries.ensureInfiniteQueryData(buildsQuery(name, deps)),
    ]),
  component: Builds,
});

function Builds() {
  const search = Route.useSearch();
  return <BuildsPage name={Route.useParams().name} search={search} />;
}
