import { Group, Stack, Title } from '@mantine/core';
import type { Stats, StatsRange } from '@/api/stats';
import { type Say, useWords } from '@/app/words';
import { Choices } from '@/ui/Choices';
import { AreaChart, formatMoment, type Series } from '@/ui/AreaChart';
import { ChartFrame } from '@/ui/ChartFrame';
import { formatCount } from '@/ui/format/count';
import { formatSize } from '@/ui/format/size';
import { findLast, findMost, type Kind, type Value } from '@/ui/plot';

interface StatsChartsProps {
  stats: Stats;
  onRange: (range: StatsRange) => void;
}

/** What was stored and moved over time, by a server or an image, as three pictures of one range. */
export function StatsCharts({ stats, onRange }: StatsChartsProps) {
  const say = useWords();
  const stored = stats.storage.map(({ bytes }) => bytes);
  const out = stats.traffic.map(({ bytes_out }) => bytes_out);
  const into = stats.traffic.map(({ bytes_in }) => bytes_in);
  const pulls = stats.traffic.map((point) => point.pulls);
  const pushes = stats.traffic.map((point) => point.pushes);
  return (
    <section>
      <Group justify="space-between" mb="md">
        <Title order={2}>{say('console.stats.title')}</Title>
        <Choices
          label={say('console.stats.range')}
          value={stats.range}
          items={[
            { value: '14d', label: say('console.stats.days', { count: 14 }) },
            { value: '90d', label: say('console.stats.days', { count: 90 }) },
            { value: '400d', label: say('console.stats.days', { count: 400 }) },
          ]}
          onChange={onRange}
        />
      </Group>
      <Stack gap="xl">
        <Picture
          title={say('console.stats.storage')}
          summary={say('console.stats.storage_summary', { now: formatSize(findLast(stored) ?? 0), most: formatSize(findMost(stored)) })}
          stats={stats}
          points={stats.storage}
          series={[{ name: say('console.stats.stored'), values: stored }]}
          kind="bytes"
        />
        <Picture
          title={say('console.stats.traffic')}
          summary={say('console.stats.traffic_summary', { out: formatSize(addUp(out)), into: formatSize(addUp(into)) })}
          stats={stats}
          points={stats.traffic}
          series={[
            { name: say('console.stats.out'), values: out },
            { name: say('console.stats.into'), values: into },
          ]}
          kind="bytes"
        />
        <Picture
          title={say('console.stats.moves')}
          summary={say('console.stats.moves_summary', { pulls: formatCount(addUp(pulls)), pushes: formatCount(addUp(pushes)) })}
          stats={stats}
          points={stats.traffic}
          series={[
            { name: say('console.stats.pulls'), values: pulls },
            { name: say('console.stats.pushes'), values: pushes },
          ]}
          kind="count"
        />
      </Stack>
    </section>
  );
}

const addUp = (values: Value[]) => values.reduce<number>((sum, value) => sum + (value ?? 0), 0);

interface PictureProps {
  title: string;
  summary: string;
  stats: Stats;
  points: { at: string }[];
  series: Series[];
  kind: Kind;
}

function Picture({ title, summary, stats, points, series, kind }: PictureProps) {
  const say = useWords();
  const moments = points.map(({ at }) => Date.parse(at));
  if (series.every(({ values }) => findLast(values) === undefined)) return <NothingRecorded title={title} say={say} />;
  const show = (value: Value | undefined) => (value === null || value === undefined ? '–' : kind === 'bytes' ? formatSize(value) : formatCount(value));
  return (
    <ChartFrame
      title={title}
      summary={summary}
      head={[say('console.core.time'), ...series.map(({ name }) => name)]}
      rows={moments.map((at, index) => [formatMoment(at, stats.step), ...series.map(({ values }) => show(values[index]))]).toReversed()}
    >
      <AreaChart from={Date.parse(stats.from)} until={Date.parse(stats.until)} moments={moments} series={series} kind={kind} step={stats.step} />
    </ChartFrame>
  );
}

const NothingRecorded = ({ title, say }: { title: string; say: Say }) => (
  <section>
    <Title order={3}>{title}</Title>
    <p className="muted">{say('console.stats.none')}</p>
  </section>
);
