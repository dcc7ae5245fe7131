import { createFileRoute } from '@tanstack/react-router';
import { credentialsQuery } from '@/api/credentials';
import { readFormSearch } from '@/app/overList';
import { CredentialsPage } from '@/features/namespaces/CredentialsPage';

export const Route = createFileRoute('/_shell/namespaces/$namespace/credentials')({
  validateSearch: readFormSearch,
  loader: ({ context, params }) => context.queries.ensureInfiniteQueryData(credentialsQuery(params.namespace)),
  component: Credentials,
});

function Credentials() {
  const { namespace } = Route.useParams();
  return <CredentialsPage key={namespace} namespace={namespace} search={Route.useSearch()} />;
}
