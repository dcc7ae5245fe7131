import { useQuery } from '@tanstack/react-query';
import { sourceRulesQuery } from '@/api/sources';

/** How many rules fetch with a source. The list of sources does not say; people have few of them. */
export function RuleCount({ source }: { source: string }) {
  const rules = useQuery(sourceRulesQuery(source));
  return rules.data ? rules.data.length : <span className="muted">–</span>;
}
