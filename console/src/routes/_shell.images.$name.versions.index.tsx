import { createFileRoute } from '@tanstack/react-router';
import { versionsQuery } from '@/api/versions';
import { loadWords } from '@/app/words';
import { readVersionsSearch } from '@/features/versions/search';
import { VersionsPage } from '@/features/versions/VersionsPage';

export const Route = createFileRoute('/_shell/images/$name/versions/')({
  validateSearch: readVersionsSearch,
  loaderDeps: ({ search }) => readVersionsSearch({ ...search }),
  loader: ({ context, params, deps }) =>
    Promise.all([loadWords('versions'), context.queries.ensureInfiniteQueryData(versionsQuery(params.name, deps))]),
  component: Versions,
});

function Versions() {
  return <VersionsPage name={Route.useParams().name} search={Route.useSearch()} />;
}
