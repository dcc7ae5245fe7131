import { createFileRoute } from '@tanstack/react-router';
import { requireUser } from '@/app/guards';
import { loadWords } from '@/app/words';
import { ProfilePage } from '@/features/account/ProfilePage';

export const Route = createFileRoute('/_shell/account/')({
  beforeLoad: requireUser,
  loader: () => loadWords('account'),
  component: ProfilePage,
});
