import { useNavigate } from '@tanstack/react-router';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { namespaceStatsQuery, type StatsRange } from '@/api/stats';
import { useWords } from '@/app/words';
import type { RangeSearch } from '@/features/stats/search';
import { StatsCharts } from '@/features/stats/StatsCharts';
import { ErrorState } from '@/ui/ErrorState';
import { TableSkeleton } from '@/ui/skeletons';
import { NamespaceFrame } from './NamespaceFrame';

/** The tab 统计: what all images of a namespace store, and what is pulled from and pushed into them. */
export function StatsPage({ namespace, search }: { namespace: string; search: RangeSearch }) {
  const say = useWords();
  const navigate = useNavigate({ from: '/namespaces/$namespace/stats' });
  // Another range is drawn once it is there; until then the one before stays.
  const { data, error, refetch } = useQuery({ ...namespaceStatsQuery(namespace, search.range ?? '14d'), placeholderData: keepPreviousData });
  const change = (range: StatsRange) => void navigate({ search: { range: range === '14d' ? undefined : range }, replace: true, resetScroll: false });
  return (
    <NamespaceFrame namespace={namespace} tab={say('console.namespaces.tab.stats')}>
      {data ? <StatsCharts stats={data} onRange={change} /> : error ? <ErrorState problem={error} retry={() => void refetch()} /> : <TableSkeleton rows={4} />}
    </NamespaceFrame>
  );
}
