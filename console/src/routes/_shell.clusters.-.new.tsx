import { createFileRoute } from '@tanstack/react-router';
import { NewClusterPage } from '@/features/clusters/NewClusterPage';

export const Route = createFileRoute('/_shell/clusters/-/new')({ component: NewClusterPage });
