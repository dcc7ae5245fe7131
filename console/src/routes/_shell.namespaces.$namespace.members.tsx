import { createFileRoute } from '@tanstack/react-router';
import { membersQuery } from '@/api/members';
import { MembersPage } from '@/features/namespaces/MembersPage';
import { readMembersSearch } from '@/features/namespaces/search';

export const Route = createFileRoute('/_shell/namespaces/$namespace/members')({
  validateSearch: readMembersSearch,
  loaderDeps: ({ search: { q } }) => ({ q }),
  loader: ({ context, params, deps }) => context.queries.ensureInfiniteQueryData(membersQuery(params.namespace, deps.q)),
  component: Members,
});

function Members() {
  const { namespace } = Route.useParams();
  return <MembersPage key={namespace} namespace={namespace} search={Route.useSearch()} />;
}
