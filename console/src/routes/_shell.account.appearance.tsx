import { createFileRoute } from '@tanstack/react-router';
import { loadWords } from '@/app/words';
import { AppearancePage } from '@/features/account/AppearancePage';

export const Route = createFileRoute('/_shell/account/appearance')({
  loader: () => loadWords('account'),
  component: AppearancePage,
});
