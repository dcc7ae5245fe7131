import { createFileRoute } from '@tanstack/react-router';
import { namespacesQuery } from '@/api/namespaces';
import { requireUser } from '@/app/guards';
import { loadWords } from '@/app/words';
import { NamespacesPage } from '@/features/namespaces/NamespacesPage';
import { readNamespacesSearch } from '@/features/namespaces/search';

export const Route = createFileRoute('/_shell/namespaces/')({
  validateSearch: readNamespacesSearch,
  beforeLoad: requireUser,
  loaderDeps: ({ search }) => search,
  loader: ({ context, deps }) => Promise.all([loadWords('namespaces'), context.queries.ensureInfiniteQueryData(namespacesQuery(deps))]),
  component: Namespaces,
});

function Namespaces() {
  return <NamespacesPage search={Route.useSearch()} />;
}
