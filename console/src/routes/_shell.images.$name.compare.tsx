import { createFileRoute } from '@tanstack/react-router';
import { comparisonQuery } from '@/api/versions';
import { loadWords } from '@/app/words';
import { ComparePage } from '@/features/compare/ComparePage';
import { readCompareSearch } from '@/features/compare/search';

export const Route = createFileRoute('/_shell/images/$name/compare')({
  validateSearch: readCompareSearch,
  loaderDeps: ({ search }) => readCompareSearch({ ...search }),
  loader: ({ context, params, deps: { a, b, platform } }) =>
    Promise.all([
      loadWords('compare', 'versions'),
      a && b ? context.queries.ensureQueryData(comparisonQuery(params.name, a, b, platform)) : undefined,
    ]),
  component: Compare,
});

function Compare() {
  return <ComparePage name={Route.useParams().name} search={Route.useSearch()} />;
}
