import { Stack } from '@mantine/core';
import { useSuspenseQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { deliveryKeys, deliveryQuery, deliveryTopic, type WholeDelivery } from '@/api/deliveries';
import { useLiveQuery } from '@/app/events';
import { useWords } from '@/app/words';
import { Digest } from '@/ui/Digest';
import { TextLink } from '@/ui/links';
import { Notice } from '@/ui/Notice';
import { Time } from '@/ui/Time';
import { Attempts } from './Attempts';
import { ConditionText } from './ConditionText';
import { RolloutView } from './RolloutView';
import { isOver } from './state';
import classes from './triggers.module.css';
import { eventWords, sayKind } from './words';

interface DeliveryDetailsProps {
  repository: string;
  delivery: string;
}

/** One delivery: what it is about, how its rollout stands, and each attempt with what was sent and heard. */
export function DeliveryDetails({ repository, delivery: id }: DeliveryDetailsProps) {
  const delivery = useSuspenseQuery(deliveryQuery(repository, id)).data;
  useLiveQuery(deliveryTopic({ repository }), deliveryKeys.one(repository, id));
  return (
    <Stack gap="xl">
      <Facts delivery={delivery} />
      {delivery.message && (
        <Notice tone={delivery.state === 'failed' ? 'failed' : isOver(delivery) ? 'idle' : 'warning'} title={delivery.message}>
          {delivery.detail && <code className={classes.said}>{delivery.detail}</code>}
        </Notice>
      )}
      {delivery.progress && <RolloutView progress={delivery.progress} live={!isOver(delivery)} />}
      <Attempts attempts={delivery.attempts} next={delivery.state === 'waiting' ? delivery.next_at : null} />
    </Stack>
  );
}

function Facts({ delivery }: { delivery: WholeDelivery }) {
  const say = useWords();
  const facts: [string, ReactNode][] = [
    [say('console.triggers.condition_label'), <ConditionText key="condition" condition={delivery.condition} />],
    [say('console.triggers.action_label'), `${sayKind(delivery.kind, say)} ${delivery.target}`],
    [say('console.triggers.event_label'), delivery.by_hand ? say('console.triggers.by_hand', { user: delivery.actor }) : `${say(eventWords[delivery.event])} · ${delivery.actor}`],
  ];
  if (delivery.tag) {
    facts.push([
      say('console.triggers.version'),
      <TextLink key="tag" to="/images/$name/versions/$tag" params={{ name: delivery.repository, tag: delivery.tag }}>
        {delivery.tag}
      </TextLink>,
    ]);
  }
  if (delivery.digest) facts.push([say('console.core.digest'), <Digest key="digest" value={delivery.digest} />]);
  facts.push([say('console.triggers.time'), <Time key="time" at={delivery.created_at} mode="record" />]);
  if (delivery.ended_at) facts.push([say('console.triggers.ended'), <Time key="ended" at={delivery.ended_at} mode="record" />]);
  return (
    <dl className={classes.factList}>
      {facts.map(([name, fact]) => (
        <div key={name} className={classes.factItem}>
          <dt>{name}</dt>
          <dd>{fact}</dd>
        </div>
      ))}
    </dl>
  );
}
