import { Text } from '@mantine/core';
import { IconDots, IconHistory, IconKey, IconTool } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';
import type { Source } from '@/api/sources';
import { useRepairWebhook, type Webhook } from '@/api/webhooks';
import { useOverList } from '@/app/overList';
import { useWords } from '@/app/words';
import { ActionMenu, type MenuAction } from '@/ui/ActionMenu';
import { announce } from '@/ui/announce';
import { Reason } from '@/ui/Reason';
import type { WebhookSearch } from './kinds';

const RotateWebhook = lazy(() => import('./RotateWebhook'));

/** What can be done with a webhook: mended, given another secret, and looked at closely. */
export function WebhookActions({ source, webhook }: { source: Source; webhook: Webhook }) {
  const say = useWords();
  const repair = useRepairWebhook(source.id);
  const looking = useOverList<WebhookSearch>({ webhook: undefined });
  const [rotating, setRotating] = useState(false);
  const items: MenuAction[] = [
    { label: say('console.sources.deliveries'), icon: <IconHistory size={16} aria-hidden />, onSelect: () => looking.open({ webhook: webhook.id }) },
    {
      label: say(source.kind === 'git' ? 'console.sources.make_line' : 'console.sources.rotate'),
      icon: <IconKey size={16} aria-hidden />,
      onSelect: () => setRotating(true),
    },
  ];
  // Nothing of plain git is registered anywhere.
  if (source.kind !== 'git') {
    items.unshift({
      label: say('console.sources.repair'),
      icon: <IconTool size={16} aria-hidden />,
      onSelect: () => repair.mutate(webhook.id, { onSuccess: () => announce(say('console.core.saved')) }),
    });
  }
  return (
    <>
      <ActionMenu label={say('console.core.actions_for', { name: webhook.remote })} icon={<IconDots size={18} aria-hidden />} items={items} />
      {repair.error && (
        <div role="alert">
          <Text c="var(--w-failed)" component="span">
            <Reason>{repair.error.message}</Reason>
          </Text>
        </div>
      )}
      <Suspense fallback={null}>
        {rotating && <RotateWebhook source={source} webhook={webhook} onClose={() => setRotating(false)} />}
      </Suspense>
    </>
  );
}
