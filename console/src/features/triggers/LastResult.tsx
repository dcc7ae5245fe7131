import type { Trigger } from '@/api/triggers';
import { useWords } from '@/app/words';
import { TextLink } from '@/ui/links';
import { Reason } from '@/ui/Reason';
import { Time } from '@/ui/Time';
import { DeliveryState } from './DeliveryState';
import { linkToDelivery } from './links';
import classes from './triggers.module.css';

/** What a trigger did last, and when. */
export function LastResult({ trigger }: { trigger: Trigger }) {
  const say = useWords();
  const last = trigger.last_delivery;
  if (!last) return <span className="muted">{say('console.triggers.never')}</span>;
  return (
    <>
      <span className={classes.result}>
        <TextLink {...linkToDelivery(last.repository, last.id)}>
          <DeliveryState delivery={last} />
        </TextLink>
        <span className="muted">
          <Time at={last.ended_at ?? last.created_at} />
        </span>
      </span>
      <Reason>{last.message}</Reason>
    </>
  );
}
