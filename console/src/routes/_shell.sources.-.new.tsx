import { createFileRoute } from '@tanstack/react-router';
import { requireUser } from '@/app/guards';
import { loadWords } from '@/app/words';
import { isKind } from '@/features/sources/kinds';
import { NewSourcePage } from '@/features/sources/NewSourcePage';
import type { SourceKind } from '@/api/sources';

export const Route = createFileRoute('/_shell/sources/-/new')({
  validateSearch: (search): { kind?: SourceKind } => ({ kind: isKind(search.kind) ? search.kind : undefined }),
  beforeLoad: requireUser,
  loader: () => loadWords('sources'),
  component: NewSource,
});

function NewSource() {
  return <NewSourcePage kind={Route.useSearch().kind} />;
}
