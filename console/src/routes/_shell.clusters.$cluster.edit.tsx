import { createFileRoute } from '@tanstack/react-router';
import { clusterQuery } from '@/api/clusters';
import { requireMay } from '@/app/guards';
import { EditClusterPage } from '@/features/clusters/EditClusterPage';

export const Route = createFileRoute('/_shell/clusters/$cluster/edit')({
  beforeLoad: (page) => requireMay(page, 'manage_clusters'),
  loader: ({ context, params }) => context.queries.ensureQueryData(clusterQuery(params.cluster)),
  component: EditCluster,
});

function EditCluster() {
  return <EditClusterPage cluster={Route.useParams().cluster} />;
}
