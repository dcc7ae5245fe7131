import { createFileRoute } from '@tanstack/react-router';
import { namespacesQuery } from '@/api/namespaces';
import { sourcesQuery } from '@/api/sources';
import { requireUser } from '@/app/guards';
import { loadWords } from '@/app/words';
import { NewImagePage } from '@/features/images/NewImagePage';

export const Route = createFileRoute('/_shell/images/-/new')({
  validateSearch: (search): { ns?: string; from?: 'git' } => ({
    ns: typeof search.ns === 'string' ? search.ns : undefined,
    from: search.from === 'git' ? 'git' : undefined,
  }),
  beforeLoad: requireUser,
  loader: ({ context }) => Promise.all([loadWords('images', 'namespaces', 'builds', 'rules', 'sources'), context.queries.ensureInfiniteQueryData(namespacesQuery({ may: 'create_repositories' })), context.queries.ensureInfiniteQueryData(sourcesQuery())]),
  component: NewImage,
});

function NewImage() {
  const { ns, from } = Route.useSearch();
  return <NewImagePage namespace={ns} from={from} />;
}
