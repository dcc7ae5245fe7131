import { createFileRoute } from '@tanstack/react-router';
import { ruleQuery } from '@/api/rules';
import { sourcesQuery } from '@/api/sources';
import { requireMay } from '@/app/guards';
import { loadWords } from '@/app/words';
import { RulePage } from '@/features/rules/RulePage';

export const Route = createFileRoute('/_shell/images/$name/rules/$rule')({
  beforeLoad: (page) => requireMay(page, 'manage_rules'),
  loader: ({ context, params: { name, rule } }) =>
    Promise.all([
      loadWords('builds', 'rules', 'sources'),
      context.queries.ensureQueryData(ruleQuery(name, rule)),
      context.queries.ensureInfiniteQueryData(sourcesQuery()),
    ]),
  component: Rule,
});

function Rule() {
  const { name, rule } = Route.useParams();
  return <RulePage key={rule} name={name} rule={rule} />;
}
