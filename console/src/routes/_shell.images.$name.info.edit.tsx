import { createFileRoute } from '@tanstack/react-router';
import { Problem } from '@/api/problem';
import { readmeQuery, repositoryQuery } from '@/api/repositories';
import { requireUser } from '@/app/guards';
import { loadWords, say } from '@/app/words';
import { EditInformationPage } from '@/features/information/EditInformationPage';

export const Route = createFileRoute('/_shell/images/$name/info/edit')({
  beforeLoad: requireUser,
  loader: async ({ context, params }) => {
    const [image] = await Promise.all([
      context.queries.ensureQueryData(repositoryQuery(params.name)),
      context.queries.ensureQueryData(readmeQuery(params.name)),
      loadWords('information'),
    ]);
    if (!image.may.includes('edit')) throw new Problem(403, 'denied', say('console.information.denied'), undefined, { role: 'maintainer' });
  },
  component: Edit,
});

function Edit() {
  return <EditInformationPage name={Route.useParams().name} />;
}
