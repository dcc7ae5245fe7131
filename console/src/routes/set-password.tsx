import { createFileRoute, redirect } from '@tanstack/react-router';
import { sessionQuery } from '@/api/session';
import { SetPasswordPage } from '@/features/session/SetPasswordPage';

export const Route = createFileRoute('/set-password')({
  validateSearch: (search): { next?: string } => ({ next: typeof search.next === 'string' ? search.next : undefined }),
  beforeLoad: async ({ context }) => {
    const { user } = await context.queries.ensureQueryData(sessionQuery);
    if (!user) throw redirect({ to: '/sign-in' });
  },
  component: SetPassword,
});

function SetPassword() {
  return <SetPasswordPage next={Route.useSearch().next} />;
}
