import { createFileRoute } from '@tanstack/react-router';
import { clusterQuery } from '@/api/clusters';
import { readFormSearch } from '@/app/overList';
import { ClusterPage } from '@/features/clusters/ClusterPage';

export const Route = createFileRoute('/_shell/clusters/$cluster/')({
  validateSearch: readFormSearch,
  loader: ({ context, params }) => context.queries.ensureQueryData(clusterQuery(params.cluster)),
  component: Cluster,
});

function Cluster() {
  const { cluster } = Route.useParams();
  return <ClusterPage key={cluster} cluster={cluster} search={Route.useSearch()} />;
}
