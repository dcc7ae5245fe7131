import { createFileRoute } from '@tanstack/react-router';
import { sourcesQuery } from '@/api/sources';
import { requireUser } from '@/app/guards';
import { loadWords } from '@/app/words';
import { SourcesPage } from '@/features/sources/SourcesPage';

export const Route = createFileRoute('/_shell/sources/')({
  beforeLoad: requireUser,
  loader: ({ context }) => Promise.all([loadWords('sources'), context.queries.ensureInfiniteQueryData(sourcesQuery())]),
  component: SourcesPage,
});
