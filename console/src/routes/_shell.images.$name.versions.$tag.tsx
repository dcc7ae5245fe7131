import { createFileRoute } from '@tanstack/react-router';
import { versionQuery } from '@/api/versions';
import { loadWords } from '@/app/words';
import { VersionPage } from '@/features/versions/VersionPage';
import { chooseImage, readVersionSearch } from '@/features/versions/view';

export const Route = createFileRoute('/_shell/images/$name/versions/$tag')({
  validateSearch: readVersionSearch,
  loaderDeps: ({ search: { platform } }) => ({ platform }),
  loader: async ({ context, params, deps }) => {
    const [version] = await Promise.all([
      context.queries.ensureQueryData(versionQuery(params.name, params.tag)),
      loadWords('images', 'versions', 'trace'),
    ]);
    const chosen = chooseImage(version, deps.platform);
    if (chosen) await context.queries.ensureQueryData(versionQuery(params.name, chosen.digest));
  },
  component: Version,
});

function Version() {
  const { name, tag } = Route.useParams();
  return <VersionPage name={name} tag={tag} search={Route.useSearch()} />;
}
