import { createFileRoute } from '@tanstack/react-router';
import { namespaceUsageQuery, storageCheckQuery, storageQuery } from '@/api/administration';
import { serverStatsQuery } from '@/api/stats';
import { loadWords } from '@/app/words';
import { readStorageSearch } from '@/features/admin/search';
import { StoragePage } from '@/features/admin/StoragePage';

export const Route = createFileRoute('/_shell/admin/storage')({
  validateSearch: readStorageSearch,
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
