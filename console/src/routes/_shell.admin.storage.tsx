import { createFileRoute } from '@tanstack/react-router';
import { namespaceUsageQuery, storageCheckQuery, storageQuery } from '@/api/administration';
import { serverStatsQuery } from '@/api/stats';
import { loadWords } from '@/app/words';
import { StoragePage } from '@/features/admin/StoragePage';
import { readRangeSearch } from '@/features/stats/search';

export const Route = createFileRoute('/_shell/admin/storage')({
  validateSearch: readRangeSearch,
  loaderDeps: ({ search: { range } }) => ({ range }),
  loader: ({ context: { queries }, deps: { range } }) =>
    Promise.all([
      loadWords('stats'),
      queries.ensureQueryData(storageQuery),
      queries.ensureQueryData(serverStatsQuery(range ?? '14d')),
      queries.ensureInfiniteQueryData(namespaceUsageQuery()),
      queries.ensureQueryData(storageCheckQuery),
    ]),
  component: Storage,
});

function Storage() {
  return <StoragePage search={Route.useSearch()} />;
}
