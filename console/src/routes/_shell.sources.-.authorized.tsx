import { createFileRoute } from '@tanstack/react-router';
import { requireUser } from '@/app/guards';
import { loadWords } from '@/app/words';
import { AuthorizedPage } from '@/features/sources/AuthorizedPage';

/** A code may look like a number, which the router then makes of it: as it was written it is in the address alone. */
const text = (search: Record<string, unknown>, name: string) => {
  const value = search[name];
  if (typeof value === 'string' || value === undefined) return value;
  return new URLSearchParams(location.search).get(name) ?? undefined;
};

export const Route = createFileRoute('/_shell/sources/-/authorized')({
  validateSearch: (search): { state?: string; code?: string } => ({ state: text(search, 'state'), code: text(search, 'code') }),
  beforeLoad: requireUser,
  loader: () => loadWords('sources'),
  component: Authorized,
});

function Authorized() {
  return <AuthorizedPage back={Route.useSearch()} />;
}
