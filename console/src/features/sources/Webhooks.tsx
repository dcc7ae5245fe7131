import { Title } from '@mantine/core';
import { useSuspenseInfiniteQuery } from '@tanstack/react-query';
import { lazy } from 'react';
import { joinPages } from '@/api/page';
import type { Source } from '@/api/sources';
import { type Webhook, webhookQuery, webhooksQuery } from '@/api/webhooks';
import { useOverList } from '@/app/overList';
import { type Say, useWords } from '@/app/words';
import { ByAddress } from '@/ui/ByAddress';
import { Copy } from '@/ui/Copy';
import { type Column, DataTable } from '@/ui/DataTable';
import { MiddleCut } from '@/ui/MiddleCut';
import { Reason } from '@/ui/Reason';
import { Time } from '@/ui/Time';
import type { WebhookSearch } from './kinds';
import { WebhookActions } from './WebhookActions';
import { WebhookStateCell } from './WebhookStateCell';

const WebhookDeliveries = lazy(() => import('./WebhookDeliveries'));

/** 推送通知: how each repository that is built tells of its pushes. Nothing where no repository is built yet. */
export default function Webhooks({ source, search: { webhook: opened } }: { source: Source; search: WebhookSearch }) {
  const say = useWords();
  const list = useSuspenseInfiniteQuery(webhooksQuery(source.id));
  const rows = joinPages(list.data);
  const { close } = useOverList<WebhookSearch>({ webhook: undefined });
  const deliveries = opened !== undefined && (
    <ByAddress known={rows.find(({ id }) => id === opened)} query={webhookQuery(source.id, opened)} onClose={close}>
      {(webhook) => <WebhookDeliveries source={source} webhook={webhook} onClose={close} />}
    </ByAddress>
  );
  if (rows.length === 0) return deliveries;
  const title = say('console.sources.webhooks');
  return (
    <section aria-labelledby="webhooks">
      <Title order={2} id="webhooks" mb="xs">
        {title}
      </Title>
      <p className="muted" style={{ margin: '0 0 8px' }}>
        {say(source.kind === 'git' ? 'console.sources.webhooks_git' : 'console.sources.webhooks_text')}
      </p>
      <DataTable
        label={title}
        columns={listColumns(source.kind !== 'git', say)}
        rows={rows}
        keyOf={(webhook) => webhook.id}
        actions={(webhook) => <WebhookActions source={source} webhook={webhook} />}
        more={list}
      />
      {deliveries}
    </section>
  );
}

/** Nothing of plain git has an address that was told to somebody. */
const listColumns = (registers: boolean, say: Say): Column<Webhook>[] => [
  { key: 'remote', title: say('console.sources.repository'), grows: true, cell: (webhook) => <MiddleCut text={webhook.remote} /> },
  {
    key: 'state',
    title: say('console.sources.state'),
    cell: (webhook) => (
      <>
        <WebhookStateCell state={webhook.state} />
        <Reason>{webhook.health.message}</Reason>
      </>
    ),
  },
  ...(registers ? [urlColumn(say)] : []),
  {
    key: 'delivered',
    title: say('console.sources.delivered'),
    cell: (webhook) => (
      <>
        <Time at={webhook.delivered_at} />
        {webhook.rejected_count > 0 && <Reason>{say('console.sources.rejected', { count: webhook.rejected_count })}</Reason>}
      </>
    ),
  },
];

const urlColumn = (say: Say): Column<Webhook> => ({
  key: 'url',
  title: 'URL',
  cut: true,
  cell: (webhook) =>
    webhook.url ? (
      <span style={{ display: 'inline-flex', gap: 4, alignItems: 'center', maxWidth: '100%' }}>
        <MiddleCut text={webhook.url} />
        <Copy value={webhook.url} label={say('console.sources.webhook_url')} />
      </span>
    ) : (
      <span className="muted">–</span>
    ),
});
