import { createFileRoute } from '@tanstack/react-router';
import { membersQuery } from '@/api/members';
import { readFormSearch } from '@/app/overList';
import { MembersPage } from '@/features/namespaces/MembersPage';

export const Route = createFileRoute('/_shell/namespaces/$namespace/members')({
  validateSearch: readFormSearch,
  loader: ({ context, params }) => context.queries.ensureInfiniteQueryData(membersQuery(params.namespace)),
  component: Members,
});

function Members() {
  const { namespace } = Route.useParams();
  return <MembersPage key={namespace} namespace={namespace} search={Route.useSearch()} />;
}
