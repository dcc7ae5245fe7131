import { createFileRoute } from '@tanstack/react-router';
import { readmeQuery } from '@/api/repositories';
import { requireMay } from '@/app/guards';
import { loadWords } from '@/app/words';
import { EditInformationPage } from '@/features/information/EditInformationPage';

export const Route = createFileRoute('/_shell/images/$name/info/edit')({
  beforeLoad: (page) => requireMay(page, 'edit'),
  loader: ({ context, params }) => Promise.all([loadWords('information'), context.queries.ensureQueryData(readmeQuery(params.name))]),
  component: Edit,
});

function Edit() {
  return <EditInformationPage name={Route.useParams().name} />;
}
