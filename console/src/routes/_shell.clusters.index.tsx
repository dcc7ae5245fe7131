import { createFileRoute } from '@tanstack/react-router';
import { clustersQuery } from '@/api/clusters';
import { sessionQuery } from '@/api/session';
import { ClustersPage } from '@/features/clusters/ClustersPage';

export const Route = createFileRoute('/_shell/clusters/')({
  loader: async ({ context: { queries } }) => {
    const { user } = await queries.ensureQueryData(sessionQuery);
    if (user?.admin) await queries.ensureInfiniteQueryData(clustersQuery());
  },
  component: ClustersPage,
});
