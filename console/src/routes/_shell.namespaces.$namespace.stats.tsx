import { createFileRoute } from '@tanstack/react-router';
import { namespaceStatsQuery } from '@/api/stats';
import { requireMay } from '@/app/guards';
import { loadWords } from '@/app/words';
import { StatsPage } from '@/features/namespaces/StatsPage';
import { readRangeSearch } from '@/features/stats/search';

export const Route = createFileRoute('/_shell/namespaces/$namespace/stats')({
  validateSearch: readRangeSearch,
  beforeLoad: (page) => requireMay(page, 'edit'),
  loaderDeps: ({ search }) => search,
  loader: ({ context, params, deps: { range } }) =>
    Promise.all([loadWords('stats'), context.queries.prefetchQuery(namespaceStatsQuery(params.namespace, range ?? '14d'))]),
  component: Stats,
});

function Stats() {
  const { namespace } = Route.useParams();
  return <StatsPage key={namespace} namespace={namespace} search={Route.useSearch()} />;
}
