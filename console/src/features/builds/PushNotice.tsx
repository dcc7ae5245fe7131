import type { Rule } from '@/api/rules';
import { type Language } from '@/app/language';
import { type Say, useLanguage, useWords } from '@/app/words';
import { formatRelative } from '@/ui/format/time';
import { TextLink } from '@/ui/links';
import { useNow } from '@/ui/now';
import { Reason } from '@/ui/Reason';

/** How a rule hears of pushes: told by the code host, or by asking; of a webhook that does not tell, why. */
export function PushNotice({ rule }: { rule: Rule }) {
  const say = useWords();
  const language = useLanguage();
  const now = useNow();
  const { source, watch } = rule;
  const told = watch.mode === 'webhook';
  const why = !told && watch.webhook ? sayWebhook(watch.webhook, say) : undefined;
  return (
    <>
      {told ? 'Webhook' : sayPolling(watch.next_at, new Date(now), say, language)}
      <Reason>
        {why}
        {why && source.id && rule.may.includes('point') && (
          <div>
            <TextLink to="/sources/$source" params={{ source: source.id }} fz="inherit">
              {say('console.builds.webhook_settings')}
            </TextLink>
          </div>
        )}
      </Reason>
    </>
  );
}

/** The next look is said while it is ahead: of one that is due it is only known that it comes. */
function sayPolling(next: string | null | undefined, now: Date, say: Say, language: Language) {
  const at = next ? new Date(next) : undefined;
  return at && at > now ? say('console.builds.polled_next', { time: formatRelative(at, now, language) }) : say('console.builds.polled');
}

function sayWebhook(state: string, say: Say): string | undefined {
  switch (state) {
    case 'pending':
      return say('console.builds.webhook.pending');
    case 'polling':
      return say('console.builds.webhook.polling');
    case 'failing':
      return say('console.builds.webhook.failing');
    case 'manual':
      return say('console.builds.webhook.manual');
    default:
      return undefined;
  }
}
