import { Button, Stack, Text, Title } from '@mantine/core';
import { useSuspenseQuery } from '@tanstack/react-query';
import { lazy, type ReactNode, Suspense, useState } from 'react';
import { type Workers, workersQuery } from '@/api/administration';
import { type Build, type Queue, queueQuery } from '@/api/builds';
import { useLiveQuery } from '@/app/events';
import { type Say, useLanguage, useWords } from '@/app/words';
import { BuildDuration } from '@/features/builds/BuildDuration';
import { buildState } from '@/features/builds/buildState';
import { type Column, DataTable } from '@/ui/DataTable';
import { EmptyPlace } from '@/ui/EmptyPlace';
import { formatDuration } from '@/ui/format/duration';
import { formatLimit } from '@/ui/format/size';
import { TextLink } from '@/ui/links';
import { MiddleCut } from '@/ui/MiddleCut';
import { Notice } from '@/ui/Notice';
import { StateBadge } from '@/ui/StateBadge';
import { Time } from '@/ui/Time';
import { AdminFrame } from './AdminFrame';
import classes from './admin.module.css';
import { QueueChart } from './QueueChart';
import { Tiles } from './Tiles';

const CancelBuild = lazy(() => import('./CancelBuild'));

type Place = Queue['waiting'][number];

/** 工作进程与队列: what is built now, who waits, and what one build may use. */
export function WorkersPage() {
  const say = useWords();
  const workers = useSuspenseQuery(workersQuery).data;
  const queue = useSuspenseQuery(queueQuery()).data;
  useLiveQuery('queue', workersQuery.queryKey);
  useLiveQuery('queue', queueQuery().queryKey);
  const [canceling, setCanceling] = useState<Build>();
  const idle = workers.workers.length === 0 && queue.waiting.length === 0;
  return (
    <AdminFrame tab={say('console.admin.tab.workers')}>
      <Stack gap="xl">
        {workers.problem && (
          <Notice tone="failed" title={workers.problem}>
            {workers.hint}
          </Notice>
        )}
        {workers.concurrency === 0 && !workers.problem && (
          <Notice tone="warning" title={say('console.admin.workers.paused')}>
            {say('console.admin.workers.paused_text')}
          </Notice>
        )}
        <Tiles
          items={[
            { label: say('console.admin.workers.running'), value: `${workers.workers.length} / ${workers.concurrency}` },
            { label: say('console.admin.workers.waiting'), value: queue.waiting.length },
            { label: say('console.admin.workers.of_namespace'), value: `${workers.namespace_concurrency} / ${workers.namespace_queue}` },
          ]}
        />
        <Limits workers={workers} />
        {idle ? (
          <EmptyPlace title={say('console.admin.workers.idle')} text={say('console.admin.workers.idle_text')} />
        ) : (
          <>
            <QueueChart queues={workers.namespaces} />
            <Running builds={workers.workers} onCancel={setCanceling} />
            <Waiting places={queue.waiting} onCancel={setCanceling} />
          </>
        )}
      </Stack>
      {canceling && (
        <Suspense fallback={null}>
          <CancelBuild build={canceling} onClose={() => setCanceling(undefined)} />
        </Suspense>
      )}
    </AdminFrame>
  );
}

function Limits({ workers: { limits } }: { workers: Workers }) {
  const say = useWords();
  const language = useLanguage();
  return (
    <Text c="dimmed">
      {say('console.admin.workers.limits', {
        memory: formatLimit(limits.memory),
        cpus: limits.cpu_millis / 1000,
        disk: formatLimit(limits.disk),
        time: formatDuration(limits.seconds * 1000, language),
        log: formatLimit(limits.log),
      })}{' '}
      <TextLink to="/admin/settings" search={{ edit: 'build' }} underline="always">
        {say('console.admin.namespaces.edit_limits')}
      </TextLink>
    </Text>
  );
}

type OnCancel = (build: Build) => void;

function Running({ builds, onCancel }: { builds: Build[]; onCancel: OnCancel }) {
  const say = useWords();
  if (builds.length === 0) return null;
  const columns: Column<Build>[] = [
    { key: 'build', title: say('console.admin.workers.build'), grows: true, cell: (build) => <BuildLink build={build} /> },
    { key: 'state', title: say('console.admin.users.state'), cell: (build) => <StateBadge state={buildState(build)} /> },
    { key: 'by', title: say('console.admin.workers.by'), cut: true, cell: (build) => <MiddleCut text={build.started_by} /> },
    { key: 'since', title: say('console.admin.workers.since'), from: 1000, cell: (build) => <Time at={build.started_at} mode="record" /> },
    { key: 'duration', title: say('console.admin.workers.duration'), numeric: true, cell: (build) => <BuildDuration build={build} /> },
  ];
  return <Part title={say('console.admin.workers.workers')} columns={columns} rows={builds} keyOf={(build) => `${build.repository}#${build.number}`} actions={(build) => <Cancel build={build} onCancel={onCancel} />} />;
}

function Waiting({ places, onCancel }: { places: Place[]; onCancel: OnCancel }) {
  const say = useWords();
  if (places.length === 0) return null;
  return <Part title={say('console.admin.workers.queue')} columns={waitingColumns(say)} rows={places} keyOf={(place) => String(place.position)} actions={({ build }) => build && <Cancel build={build} onCancel={onCancel} />} />;
}

const waitingColumns = (say: Say): Column<Place>[] => [
  { key: 'position', title: '#', cell: (place) => place.position },
  { key: 'build', title: say('console.admin.workers.build'), grows: true, cell: ({ build }) => (build ? <BuildLink build={build} /> : '–') },
  { key: 'by', title: say('console.admin.workers.by'), cut: true, cell: ({ build }) => (build ? <MiddleCut text={build.started_by} /> : '–') },
  { key: 'since', title: say('console.admin.workers.waits_since'), cell: ({ build }) => <Time at={build?.created_at} /> },
  { key: 'start', title: say('console.admin.workers.expected'), cell: (place) => <Time at={place.expected_start} /> },
];

interface PartProps<Row> {
  title: string;
  columns: Column<Row>[];
  rows: Row[];
  keyOf: (row: Row) => string;
  actions: (row: Row) => ReactNode;
}

function Part<Row>({ title, ...table }: PartProps<Row>) {
  return (
    <section>
      <Title order={2} mb="sm">
        {title}
      </Title>
      <DataTable label={title} {...table} />
    </section>
  );
}

function Cancel({ build, onCancel }: { build: Build; onCancel: OnCancel }) {
  const say = useWords();
  if (!build.may.includes('cancel')) return null;
  if (build.stopping) return <span className="muted">{say('console.builds.stopping')}</span>;
  return (
    <Button
      variant="subtle"
      color="danger"
      c="var(--w-failed)"
      aria-label={say('console.admin.workers.cancel_named', { name: `${build.repository} #${build.number}` })}
      onClick={() => onCancel(build)}
    >
      {say('console.builds.cancel')}
    </Button>
  );
}

function BuildLink({ build }: { build: Build }) {
  return (
    <TextLink to="/images/$name/builds/$number" params={{ name: build.repository, number: String(build.number) }} className={classes.name}>
      <MiddleCut text={`${build.repository} #${build.number}`} />
    </TextLink>
  );
}
