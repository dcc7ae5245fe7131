import { createFileRoute } from '@tanstack/react-router';
import { versionQuery } from '@/api/versions';
import { loadWords } from '@/app/words';
import { VersionPage } from '@/features/versions/VersionPage';
import { readVersionSearch } from '@/features/versions/view';

export const Route = createFileRoute('/_shell/images/$name/versions/$tag')({
  validateSearch: readVersionSearch,
  loader: ({ context, params }) =>
    Promise.all([loadWords('images', 'versions', 'trace'), context.queries.ensureQueryData(versionQuery(params.name, params.tag))]),
  component: Version,
});

function Version() {
  const { name, tag } = Route.useParams();
  return <VersionPage name={name} tag={tag} search={Route.useSearch()} />;
}
