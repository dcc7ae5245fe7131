import { createFileRoute } from '@tanstack/react-router';
import { versionsQuery } from '@/api/versions';
import { loadWords } from '@/app/words';
import { VersionsPage, type VersionsSearch } from '@/features/versions/VersionsPage';

export const Route = createFileRoute('/_shell/images/$name/versions/')({
  validateSearch: (search): VersionsSearch => ({ q: typeof search.q === 'string' && search.q !== '' ? search.q : undefined }),
  loaderDeps: ({ search }) => search,
  loader: ({ context, params, deps }) =>
    Promise.all([loadWords('versions'), context.queries.ensureInfiniteQueryData(versionsQuery(params.name, deps))]),
  component: Versions,
});

function Versions() {
  return <VersionsPage name={Route.useParams().name} search={Route.useSearch()} />;
}
