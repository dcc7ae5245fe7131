import { createFileRoute } from '@tanstack/react-router';
import { ownSessionsQuery } from '@/api/sessions';
import { requireUser } from '@/app/guards';
import { loadWords } from '@/app/words';
import { SessionsPage } from '@/features/account/SessionsPage';

export const Route = createFileRoute('/_shell/account/sessions')({
  beforeLoad: requireUser,
  loader: ({ context }) => Promise.all([loadWords('account'), context.queries.ensureQueryData(ownSessionsQuery)]),
  component: SessionsPage,
});
