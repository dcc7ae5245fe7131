import { createFileRoute } from '@tanstack/react-router';
import { tokensQuery } from '@/api/tokens';
import { requireUser } from '@/app/guards';
import { loadWords } from '@/app/words';
import { TokensPage } from '@/features/account/TokensPage';

export const Route = createFileRoute('/_shell/account/tokens')({
  beforeLoad: requireUser,
  loader: ({ context }) => Promise.all([loadWords('account'), context.queries.ensureInfiniteQueryData(tokensQuery())]),
  component: TokensPage,
});
