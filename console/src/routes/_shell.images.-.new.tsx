import { createFileRoute } from '@tanstack/react-router';
import { namespacesQuery } from '@/api/namespaces';
import { requireUser } from '@/app/guards';
import { loadWords } from '@/app/words';
import { NewImagePage } from '@/features/images/NewImagePage';

export const Route = createFileRoute('/_shell/images/-/new')({
  validateSearch: (search): { ns?: string } => ({ ns: typeof search.ns === 'string' ? search.ns : undefined }),
  beforeLoad: requireUser,
  loader: ({ context }) => Promise.all([loadWords('images'), context.queries.ensureInfiniteQueryData(namespacesQuery())]),
  component: NewImage,
});

function NewImage() {
  return <NewImagePage namespace={Route.useSearch().ns} />;
}
