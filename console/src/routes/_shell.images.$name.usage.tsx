import { createFileRoute } from '@tanstack/react-router';
import { versionsQuery } from '@/api/versions';
import { loadWords } from '@/app/words';
import { isTool, type Tool } from '@/features/usage/commands';
import { UsagePage } from '@/features/usage/UsagePage';

export const Route = createFileRoute('/_shell/images/$name/usage')({
  validateSearch: (search): { tool?: Tool } => ({ tool: isTool(search.tool) ? search.tool : undefined }),
  loader: ({ context, params }) =>
    Promise.all([loadWords('images', 'usage'), context.queries.ensureInfiniteQueryData(versionsQuery(params.name, {}))]),
  component: Usage,
});

function Usage() {
  return <UsagePage name={Route.useParams().name} tool={Route.useSearch().tool ?? 'docker'} />;
}
