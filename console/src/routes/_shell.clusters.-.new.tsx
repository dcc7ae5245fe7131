import { createFileRoute } from '@tanstack/react-router';
import { requireMay } from '@/app/guards';
import { NewClusterPage } from '@/features/clusters/NewClusterPage';

export const Route = createFileRoute('/_shell/clusters/-/new')({
  beforeLoad: (page) => requireMay(page, 'manage_clusters'),
  component: NewClusterPage,
});
