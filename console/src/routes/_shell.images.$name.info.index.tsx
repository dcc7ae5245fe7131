import { createFileRoute } from '@tanstack/react-router';
import { readmeQuery } from '@/api/repositories';
import { loadWords } from '@/app/words';
import { InformationPage } from '@/features/information/InformationPage';

export const Route = createFileRoute('/_shell/images/$name/info/')({
  loader: ({ context, params }) => Promise.all([loadWords('information'), context.queries.ensureQueryData(readmeQuery(params.name))]),
  component: Information,
});

function Information() {
  return <InformationPage name={Route.useParams().name} />;
}
