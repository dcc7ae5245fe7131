import type { WebhookState } from '@/api/webhooks';
import { useWords, type WordKey } from '@/app/words';
import { StateBadge } from '@/ui/StateBadge';

const quiet: Record<Exclude<WebhookState, 'active' | 'failing'>, WordKey> = {
  pending: 'console.sources.webhook_state.pending',
  polling: 'console.sources.webhook_state.polling',
  manual: 'console.sources.webhook_state.manual',
};

/** How a webhook stands. Where a repository is asked instead, nothing is wrong with that: it is only later. */
export function WebhookStateCell({ state }: { state: WebhookState }) {
  const say = useWords();
  switch (state) {
    case 'active':
      return <StateBadge state="accepted" />;
    case 'failing':
      return <StateBadge state="attention" />;
    default:
      return <span className="nowrap">{say(quiet[state])}</span>;
  }
}
