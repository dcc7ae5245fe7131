import { createFileRoute } from '@tanstack/react-router';
import { usersQuery } from '@/api/users';
import { loadWords } from '@/app/words';
import { readUsersSearch } from '@/features/admin/search';
import { UsersPage } from '@/features/admin/UsersPage';

export const Route = createFileRoute('/_shell/admin/users')({
  validateSearch: readUsersSearch,
  loaderDeps: ({ search: { q } }) => ({ q }),
  loader: ({ context, deps: { q } }) => Promise.all([loadWords('namespaces'), context.queries.ensureInfiniteQueryData(usersQuery(q))]),
  component: Users,
});

function Users() {
  return <UsersPage search={Route.useSearch()} />;
}
