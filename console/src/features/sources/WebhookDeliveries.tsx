import { Modal, Stack, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { Source } from '@/api/sources';
import { type HostAttempt, hostAttemptsQuery, type ReceivedDelivery, receivedQuery, type Webhook } from '@/api/webhooks';
import '@/app/styles/overlays';
import { type Say, useWords, type WordKey } from '@/app/words';
import { type Column, DataTable } from '@/ui/DataTable';
import { ErrorState } from '@/ui/ErrorState';
import { Reason } from '@/ui/Reason';
import { TableSkeleton } from '@/ui/skeletons';
import { Time } from '@/ui/Time';

interface WebhookDeliveriesProps {
  source: Source;
  webhook: Webhook;
  onClose: () => void;
}

/** 最近投递: what came in here, and what the code host says it tried. Between them lies whatever goes wrong on the way. */
export default function WebhookDeliveries({ source, webhook, onClose }: WebhookDeliveriesProps) {
  const say = useWords();
  const received = useQuery(receivedQuery(source.id, webhook.id));
  const attempts = useQuery({ ...hostAttemptsQuery(source.id, webhook.id), enabled: source.kind !== 'git' });
  const came = say('console.sources.received');
  const tried = say('console.sources.attempts');
  return (
    <Modal opened onClose={onClose} size="xl" centered title={say('console.sources.deliveries_named', { name: webhook.remote })} closeButtonProps={{ 'aria-label': say('console.core.close') }}>
      <Stack gap="lg">
        <Part title={came} list={received} none={say('console.sources.received_none')}>
          {(rows) => <DataTable label={came} columns={receivedColumns(say)} rows={rows} keyOf={(row) => row.id} />}
        </Part>
        {source.kind !== 'git' && (
          <Part title={tried} list={attempts} none={say(attempts.data === null ? 'console.sources.attempts_untold' : 'console.sources.attempts_none')}>
            {(rows) => <DataTable label={tried} columns={attemptColumns(say)} rows={rows} keyOf={(row) => row.id} />}
          </Part>
        )}
      </Stack>
    </Modal>
  );
}

interface PartProps<Row> {
  title: string;
  list: { data?: Row[] | null; error: unknown; isPending: boolean; refetch: () => unknown };
  none: string;
  children: (rows: Row[]) => ReactNode;
}

function Part<Row>({ title, list, none, children }: PartProps<Row>) {
  return (
    <section aria-label={title}>
      <Title order={3} mb={4}>
        {title}
      </Title>
      {list.error ? (
        <ErrorState problem={list.error} retry={() => void list.refetch()} />
      ) : list.isPending ? (
        <TableSkeleton rows={3} />
      ) : list.data && list.data.length > 0 ? (
        children(list.data)
      ) : (
        <p className="muted" style={{ margin: 0 }}>
          {none}
        </p>
      )}
    </section>
  );
}

const outcomes: Record<string, WordKey | undefined> = {
  received: 'console.sources.outcome.received',
  taken: 'console.sources.outcome.taken',
  ignored: 'console.sources.outcome.ignored',
  failed: 'console.sources.outcome.failed',
};

const receivedColumns = (say: Say): Column<ReceivedDelivery>[] => [
  { key: 'at', title: say('console.core.time'), cell: (delivery) => <Time at={delivery.at} mode="record" /> },
  { key: 'event', title: say('console.sources.event'), cell: (delivery) => <code>{delivery.event}</code> },
  {
    key: 'outcome',
    title: say('console.sources.result'),
    grows: true,
    cell: (delivery) => {
      const word = outcomes[delivery.outcome];
      return (
        <>
          {word ? say(word) : delivery.outcome}
          {delivery.outcome !== 'taken' && <Reason>{delivery.detail}</Reason>}
        </>
      );
    },
  },
];

const attemptColumns = (say: Say): Column<HostAttempt>[] => [
  { key: 'at', title: say('console.core.time'), cell: (attempt) => <Time at={attempt.at} mode="record" /> },
  { key: 'event', title: say('console.sources.event'), cell: (attempt) => <code>{attempt.event}</code> },
  { key: 'status', title: say('console.sources.answer'), numeric: true, cell: (attempt) => attempt.status ?? '–' },
  { key: 'outcome', title: say('console.sources.result'), grows: true, cell: (attempt) => attempt.outcome },
];
