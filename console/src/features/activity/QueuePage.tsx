import { VisuallyHidden } from '@mantine/core';
import { useSuspenseQuery } from '@tanstack/react-query';
import { queueQuery, type Queue } from '@/api/builds';
import { useLiveQuery } from '@/app/events';
import { type Say, useWords } from '@/app/words';
import { Bars } from '@/ui/Bars';
import { ChartFrame } from '@/ui/ChartFrame';
import { type Column, DataTable } from '@/ui/DataTable';
import { EmptyPlace } from '@/ui/EmptyPlace';
import { Fact, Facts } from '@/ui/Facts';
import { TextLink } from '@/ui/links';
import { MiddleCut } from '@/ui/MiddleCut';
import { Notice } from '@/ui/Notice';
import { Time } from '@/ui/Time';
import { ActivityFrame } from './ActivityFrame';
import { countWaiting } from './waiting';

type Place = Queue['waiting'][number];

/** 构建队列: what waits, in the order in which it will be begun. Everybody's places count; what they build is told to whom it concerns. */
export function QueuePage() {
  const say = useWords();
  const queue = useSuspenseQuery(queueQuery()).data;
  useLiveQuery('queue', queueQuery().queryKey);
  const tab = say('console.activity.tab.queue');
  const bars = countWaiting(queue.waiting, say('console.activity.other_namespaces'));
  return (
    <ActivityFrame tab={tab}>
      <VisuallyHidden component="h2">{tab}</VisuallyHidden>
      {queue.problem && <Notice tone="warning" title={queue.problem} />}
      <Facts>
        <Fact label={say('console.activity.running')}>{say('console.activity.running_of', { running: queue.running, most: queue.concurrency })}</Fact>
        <Fact label={say('console.activity.waiting')}>{String(queue.waiting.length)}</Fact>
        <Fact label={say('console.activity.per_namespace')}>{String(queue.namespace_concurrency)}</Fact>
      </Facts>
      {queue.waiting.length === 0 ? (
        <EmptyPlace title={say('console.activity.queue_empty')} text={say('console.activity.queue_empty_text')} />
      ) : (
        <>
          <ChartFrame
            title={say('console.activity.waiting_by_namespace')}
            summary={say('console.activity.waiting_summary', { count: queue.waiting.length, namespaces: bars.length })}
            head={[say('console.core.namespace'), say('console.activity.waiting')]}
            rows={bars.map(({ label, value }) => [label, value])}
          >
            <Bars bars={bars} />
          </ChartFrame>
          <DataTable label={tab} columns={listColumns(say)} rows={queue.waiting} keyOf={(place) => String(place.position)} />
        </>
      )}
    </ActivityFrame>
  );
}

const listColumns = (say: Say): Column<Place>[] => [
  { key: 'position', title: say('console.activity.position'), numeric: true, cell: (place) => place.position },
  {
    key: 'build',
    title: say('console.activity.build'),
    grows: true,
    cell: ({ build }) =>
      build ? (
        <TextLink to="/images/$name/builds/$number" params={{ name: build.repository, number: String(build.number) }} style={{ display: 'flex', minWidth: 0 }}>
          <MiddleCut text={`${build.repository} #${build.number}`} />
        </TextLink>
      ) : (
        <span className="muted">{say('console.activity.other_namespaces')}</span>
      ),
  },
  { key: 'since', title: say('console.activity.waits_since'), cell: ({ build }) => <Time at={build?.created_at} /> },
  { key: 'start', title: say('console.activity.expected_start'), cell: (place) => <Time at={place.expected_start} /> },
];
