import { createFileRoute } from '@tanstack/react-router';
import { triggersQuery } from '@/api/triggers';
import { TriggersPage } from '@/features/triggers/TriggersPage';
import { readRunSearch } from '@/features/triggers/search';

export const Route = createFileRoute('/_shell/images/$name/triggers/')({
  validateSearch: readRunSearch,
  loader: ({ context, params }) => context.queries.ensureInfiniteQueryData(triggersQuery({ repository: params.name })),
  component: Triggers,
});

function Triggers() {
  return <TriggersPage name={Route.useParams().name} search={Route.useSearch()} />;
}
