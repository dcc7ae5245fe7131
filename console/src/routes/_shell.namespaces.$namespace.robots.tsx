import { createFileRoute } from '@tanstack/react-router';
import { robotsQuery } from '@/api/robots';
import { readFormSearch } from '@/app/overList';
import { loadWords } from '@/app/words';
import { RobotsPage } from '@/features/namespaces/RobotsPage';

export const Route = createFileRoute('/_shell/namespaces/$namespace/robots')({
  validateSearch: readFormSearch,
  loader: ({ context, params }) =>
    Promise.all([loadWords('account'), context.queries.ensureInfiniteQueryData(robotsQuery(params.namespace))]),
  component: Robots,
});

function Robots() {
  const { namespace } = Route.useParams();
  return <RobotsPage key={namespace} namespace={namespace} search={Route.useSearch()} />;
}
