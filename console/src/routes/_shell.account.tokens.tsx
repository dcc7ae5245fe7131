import { createFileRoute } from '@tanstack/react-router';
import { tokensQuery } from '@/api/tokens';
import { requireUser } from '@/app/guards';
import { loadWords } from '@/app/words';
import { TokensPage, type TokensSearch } from '@/features/account/TokensPage';

export const Route = createFileRoute('/_shell/account/tokens')({
  validateSearch: (search: Record<string, unknown>): TokensSearch => ({ new: search.new === true || undefined }),
  beforeLoad: requireUser,
  loader: ({ context }) => Promise.all([loadWords('account'), context.queries.ensureInfiniteQueryData(tokensQuery())]),
  component: Tokens,
});

function Tokens() {
  return <TokensPage search={Route.useSearch()} />;
}
