import { createFileRoute } from '@tanstack/react-router';
import { sourceQuery } from '@/api/sources';
import { requireUser } from '@/app/guards';
import { loadWords } from '@/app/words';
import { readWebhookSearch } from '@/features/sources/kinds';
import { SourcePage } from '@/features/sources/SourcePage';

export const Route = createFileRoute('/_shell/sources/$source')({
  validateSearch: readWebhookSearch,
  beforeLoad: requireUser,
  loader: ({ context, params: { source } }) => Promise.all([loadWords('sources'), context.queries.ensureQueryData(sourceQuery(source))]),
  component: Source,
});

function Source() {
  return <SourcePage id={Route.useParams().source} search={Route.useSearch()} />;
}
