import { createFileRoute, redirect } from '@tanstack/react-router';
import { auditQuery } from '@/api/activity';
import { namespacesQuery } from '@/api/namespaces';
import { joinPages } from '@/api/page';
import { sessionQuery, useSession } from '@/api/session';
import { requireUser } from '@/app/guards';
import { loadWords } from '@/app/words';
import { AuditPage } from '@/features/activity/AuditPage';
import { readAuditSearch, toAuditFilter } from '@/features/activity/search';

export const Route = createFileRoute('/_shell/activity/audit')({
  validateSearch: readAuditSearch,
  beforeLoad: requireUser,
  loaderDeps: ({ search }) => readAuditSearch({ ...search }),
  loader: async ({ context: { queries }, deps }) => {
    const [{ user }, namespaces] = await Promise.all([
      queries.ensureQueryData(sessionQuery),
      queries.ensureInfiniteQueryData(namespacesQuery({ may: 'read_audit' })),
      loadWords('activity'),
    ]);
    // Who is no administrator reads one namespace's part: the own one first.
    if (!deps.ns && !user?.may.includes('read_audit')) {
      const names = joinPages(namespaces).map((namespace) => namespace.name);
      const ns = names.find((name) => name === user?.username) ?? names[0];
      if (ns) throw redirect({ to: '/activity/audit', search: { ...deps, ns }, replace: true });
    }
    await queries.ensureInfiniteQueryData(auditQuery(toAuditFilter(deps)));
  },
  component: Audit,
});

function Audit() {
  const { user } = useSession();
  return <AuditPage search={Route.useSearch()} all={user?.may.includes('read_audit') ?? false} />;
}
