import { createFileRoute } from '@tanstack/react-router';
import { SignInPage } from '@/features/session/SignInPage';

export const Route = createFileRoute('/sign-in')({
  validateSearch: (search): { next?: string } => ({ next: typeof search.next === 'string' ? search.next : undefined }),
  component: SignIn,
});

function SignIn() {
  return <SignInPage next={Route.useSearch().next} />;
}
