import { createFileRoute } from '@tanstack/react-router';
import { membersQuery } from '@/api/members';
import { MembersPage } from '@/features/namespaces/MembersPage';
import { readFormSearch } from '@/features/namespaces/search';

export const Route = createFileRoute('/_shell/namespaces/$namespace/members')({
  validateSearch: readFormSearch,
  loader: ({ context, params }) => context.queries.ensureInfiniteQueryData(membersQuery(params.namespace)),
  component: Members,
});

function Members() {
  const { namespace } = Route.useParams();
  return <MembersPage key={namespace} namespace={namespace} search={Route.useSearch()} />;
}
