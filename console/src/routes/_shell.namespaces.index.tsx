import { createFileRoute } from '@tanstack/react-router';
import { namespacesQuery } from '@/api/namespaces';
import { requireUser } from '@/app/guards';
import { loadWords } from '@/app/words';
import { NamespacesPage } from '@/features/namespaces/NamespacesPage';

export const Route = createFileRoute('/_shell/namespaces/')({
  beforeLoad: requireUser,
  loader: ({ context }) => Promise.all([loadWords('namespaces'), context.queries.ensureInfiniteQueryData(namespacesQuery())]),
  component: NamespacesPage,
});
