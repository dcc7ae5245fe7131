import { createFileRoute } from '@tanstack/react-router';
import { namespaceUsageQuery, workersQuery } from '@/api/administration';
import { NamespacesPage } from '@/features/admin/NamespacesPage';

export const Route = createFileRoute('/_shell/admin/namespaces')({
  loader: ({ context }) => Promise.all([context.queries.ensureInfiniteQueryData(namespaceUsageQuery()), context.queries.ensureQueryData(workersQuery)]),
  component: NamespacesPage,
});
