import { createFileRoute } from '@tanstack/react-router';
import { workersQuery } from '@/api/administration';
import { queueQuery } from '@/api/builds';
import { loadWords } from '@/app/words';
import { WorkersPage } from '@/features/admin/WorkersPage';

export const Route = createFileRoute('/_shell/admin/workers')({
  loader: ({ context }) => Promise.all([loadWords('builds'), context.queries.ensureQueryData(workersQuery), context.queries.ensureQueryData(queueQuery())]),
  component: WorkersPage,
});
