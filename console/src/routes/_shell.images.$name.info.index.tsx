import { createFileRoute } from '@tanstack/react-router';
import { readmeQuery } from '@/api/repositories';
import { loadWords } from '@/app/words';
import { InformationPage } from '@/features/information/InformationPage';
import { readRangeSearch } from '@/features/stats/search';

export const Route = createFileRoute('/_shell/images/$name/info/')({
  validateSearch: readRangeSearch,
  loader: ({ context, params }) => Promise.all([loadWords('information', 'stats'), context.queries.ensureQueryData(readmeQuery(params.name))]),
  component: Information,
});

function Information() {
  return <InformationPage name={Route.useParams().name} search={Route.useSearch()} />;
}
