import { createFileRoute } from '@tanstack/react-router';
import { namespaceUsageQuery, workersQuery } from '@/api/administration';
import { NamespacesPage } from '@/features/admin/NamespacesPage';
import { readNamespacesSearch } from '@/features/admin/search';

export const Route = createFileRoute('/_shell/admin/namespaces')({
  validateSearch: readNamespacesSearch,
  loaderDeps: ({ search }) => search,
  loader: ({ context, deps }) => Promise.all([context.queries.ensureInfiniteQueryData(namespaceUsageQuery(deps.q)), context.queries.ensureQueryData(workersQuery)]),
  component: Namespaces,
});

function Namespaces() {
  return <NamespacesPage search={Route.useSearch()} />;
}
