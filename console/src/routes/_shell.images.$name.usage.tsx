import { createFileRoute } from '@tanstack/react-router';
import { loadWords } from '@/app/words';
import { isTool, type Tool } from '@/features/usage/commands';
import { UsagePage } from '@/features/usage/UsagePage';

export const Route = createFileRoute('/_shell/images/$name/usage')({
  validateSearch: (search): { tool?: Tool } => ({ tool: isTool(search.tool) ? search.tool : undefined }),
  loader: () => loadWords('images', 'usage'),
  component: Usage,
});

function Usage() {
  return <UsagePage name={Route.useParams().name} tool={Route.useSearch().tool ?? 'docker'} />;
}
