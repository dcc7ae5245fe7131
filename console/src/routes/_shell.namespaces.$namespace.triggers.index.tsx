import { createFileRoute } from '@tanstack/react-router';
import { triggersQuery } from '@/api/triggers';
import { NamespaceTriggersPage } from '@/features/triggers/NamespaceTriggersPage';
import { readRunSearch } from '@/features/triggers/search';

export const Route = createFileRoute('/_shell/namespaces/$namespace/triggers/')({
  validateSearch: readRunSearch,
  loader: ({ context, params }) => context.queries.ensureInfiniteQueryData(triggersQuery({ namespace: params.namespace })),
  component: Triggers,
});

function Triggers() {
  return <NamespaceTriggersPage namespace={Route.useParams().namespace} search={Route.useSearch()} />;
}
