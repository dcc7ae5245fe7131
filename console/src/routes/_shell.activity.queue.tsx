import { createFileRoute } from '@tanstack/react-router';
import { queueQuery } from '@/api/builds';
import { requireUser } from '@/app/guards';
import { loadWords } from '@/app/words';
import { QueuePage } from '@/features/activity/QueuePage';

export const Route = createFileRoute('/_shell/activity/queue')({
  beforeLoad: requireUser,
  loader: ({ context }) => Promise.all([loadWords('activity'), context.queries.ensureQueryData(queueQuery())]),
  component: QueuePage,
});
