import { createFileRoute } from '@tanstack/react-router';
import { joinPages } from '@/api/page';
import { sourcesQuery } from '@/api/sources';
import { requireMay } from '@/app/guards';
import { loadWords } from '@/app/words';
import { NewRulePage } from '@/features/rules/RulePage';

export const Route = createFileRoute('/_shell/images/$name/rules/-/new')({
  beforeLoad: (page) => requireMay(page, 'manage_rules'),
  loader: async ({ context }) => {
    const [sources] = await Promise.all([context.queries.ensureInfiniteQueryData(sourcesQuery()), loadWords('builds', 'rules', 'sources')]);
    const all = joinPages(sources);
    // Where there is no choice, none has to be made.
    return { source: all.length === 1 ? all[0]?.id : undefined };
  },
  component: NewRule,
});

function NewRule() {
  return <NewRulePage name={Route.useParams().name} source={Route.useLoaderData().source} />;
}
