import { createFileRoute, notFound, useLocation } from '@tanstack/react-router';
import { buildQuery } from '@/api/builds';
import { requireUser } from '@/app/guards';
import { loadWords } from '@/app/words';
import { BuildPage } from '@/features/builds/BuildPage';

export const Route = createFileRoute('/_shell/images/$name/builds/$number')({
  validateSearch: (search): { q?: string } => ({ q: search.q === undefined || search.q === '' ? undefined : String(search.q) }),
  beforeLoad: requireUser,
  loader: ({ context, params: { name, number } }) => {
    if (!/^[1-9]\d*$/.test(number)) throw notFound();
    return Promise.all([loadWords('builds', 'rules'), context.queries.ensureQueryData(buildQuery(name, Number(number)))]);
  },
  component: Build,
});

function Build() {
  const { name, number } = Route.useParams();
  const { hash } = useLocation();
  return <BuildPage name={name} number={Number(number)} q={Route.useSearch().q} hash={hash} />;
}
