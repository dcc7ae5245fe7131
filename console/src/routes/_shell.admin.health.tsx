import { createFileRoute } from '@tanstack/react-router';
import { healthQuery } from '@/api/administration';
import { HealthPage } from '@/features/admin/HealthPage';

export const Route = createFileRoute('/_shell/admin/health')({
  loader: ({ context }) => context.queries.ensureQueryData(healthQuery),
  component: HealthPage,
});
