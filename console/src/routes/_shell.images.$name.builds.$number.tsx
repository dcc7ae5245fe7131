import { createFileRoute, notFound, useLocation } from '@tanstack/react-router';
import { buildQuery } from '@/api/builds';
import { requireUser } from '@/app/guards';
import { loadWords } from '@/app/words';
import { BuildPage } from '@/features/builds/BuildPage';

export const Route = createFileRoute('/_shell/images/$name/builds/$number')({
  validateSearch: (search): { step?: number; q?: string } => ({
    step: Number.isInteger(search.step) && Number(search.step) > 0 ? Number(search.step) : undefined,
    q: search.q === undefined || search.q === '' ? undefined : String(search.q),
  }),
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
  const { step, q } = Route.useSearch();
  return <BuildPage name={name} number={Number(number)} step={step} q={q} hash={hash} />;
}
