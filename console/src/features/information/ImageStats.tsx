import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { repositoryStatsQuery, type StatsRange } from '@/api/stats';
import { StatsCharts } from '@/features/stats/StatsCharts';
import { ErrorState } from '@/ui/ErrorState';
import { TableSkeleton } from '@/ui/skeletons';

interface ImageStatsProps {
  name: string;
  range: StatsRange;
  onRange: (range: StatsRange) => void;
}

/** What an image stored, and what was pulled from and pushed into it. */
export default function ImageStats({ name, range, onRange }: ImageStatsProps) {
  // Another range is drawn once it is there; until then the one before stays.
  const { data, error, refetch } = useQuery({ ...repositoryStatsQuery(name, range), placeholderData: keepPreviousData });
  if (!data) return error ? <ErrorState problem={error} retry={() => void refetch()} /> : <TableSkeleton rows={4} />;
  return <StatsCharts stats={data} onRange={onRange} />;
}
