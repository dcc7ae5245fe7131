import { Group } from '@mantine/core';
import { IconPencil, IconPlus } from '@tabler/icons-react';
import { useSuspenseInfiniteQuery } from '@tanstack/react-query';
import { joinPages } from '@/api/page';
import { deliveryKeys, deliveryTopic } from '@/api/deliveries';
import { type Trigger, type TriggerPlace, triggerKeys, triggersQuery } from '@/api/triggers';
import { useLiveQuery } from '@/app/events';
import { type Say, useWords } from '@/app/words';
import { type Column, DataTable } from '@/ui/DataTable';
import { EmptyPlace } from '@/ui/EmptyPlace';
import { ButtonLink, IconLink, TextLink } from '@/ui/links';
import { MiddleCut } from '@/ui/MiddleCut';
import { StateBadge } from '@/ui/StateBadge';
import { Time } from '@/ui/Time';
import { ConditionText } from './ConditionText';
import { linkToDeliveries, linkToNewTrigger, linkToTrigger } from './links';
import { RunByAddress } from './RunByAddress';
import type { RunSearch } from './search';
import { TriggerActions } from './TriggerActions';
import { TriggerSwitch } from './TriggerSwitch';
import { LastResult } from './LastResult';
import { sayAction } from './words';
import classes from './triggers.module.css';

interface TriggerListProps {
  place: TriggerPlace;
  /** The namespace that it is, or lies in. */
  namespace: string;
  /** Whether the reader may make and change triggers here. */
  manages: boolean;
  search: RunSearch;
}

/** 触发器: what runs whenever a version is pushed, each with its switch and what it did last. */
export function TriggerList({ place, namespace, manages, search }: TriggerListProps) {
  const say = useWords();
  const triggers = useSuspenseInfiniteQuery(triggersQuery(place));
  const rows = joinPages(triggers.data);
  // A receiver that says that it is gone switches its action off.
  useLiveQuery(deliveryTopic(place), triggerKeys.all(place));
  useLiveQuery(`namespace:${namespace}`, triggerKeys.all(place), ['trigger.']);
  useLiveQuery(deliveryTopic(place), deliveryKeys.of(place));
  const add = manages && (
    <ButtonLink {...linkToNewTrigger(place)} leftSection={<IconPlus size={16} aria-hidden />}>
      {say('console.triggers.add')}
    </ButtonLink>
  );
  const running = <RunByAddress place={place} search={search} known={rows} />;
  if (rows.length === 0) {
    return (
      <>
        <EmptyPlace title={say('console.triggers.none')} text={say('console.triggers.about')}>
          {add}
        </EmptyPlace>
        {running}
      </>
    );
  }
  return (
    <>
      <Group justify="space-between" mb="md" gap="sm">
        <span className="muted">{say(place.repository === undefined ? 'console.triggers.about_namespace' : 'console.triggers.about')}</span>
        <Group gap="sm">
          {add}
          <ButtonLink {...linkToDeliveries(place)} variant="default">
            {say('console.triggers.deliveries')}
          </ButtonLink>
        </Group>
      </Group>
      <DataTable
        label={say('console.triggers.title')}
        columns={listColumns(place, say)}
        rows={rows}
        keyOf={(row) => row.id}
        actions={(row) => <RowActions place={place} trigger={row} />}
        more={triggers}
      />
      {running}
    </>
  );
}

const listColumns = (place: TriggerPlace, say: Say): Column<Trigger>[] => [
  {
    key: 'name',
    title: say('console.triggers.name'),
    grows: true,
    cell: (trigger) => (
      <TextLink {...linkToTrigger(place, trigger.name)} className={classes.name}>
        <MiddleCut text={trigger.name} />
      </TextLink>
    ),
  },
  { key: 'condition', title: say('console.triggers.condition_label'), cell: (trigger) => <ConditionText condition={trigger.condition} /> },
  { key: 'action', title: say('console.triggers.action_label'), cell: (trigger) => <Actions trigger={trigger} /> },
  { key: 'enabled', title: say('console.triggers.enabled'), cell: (trigger) => <TriggerSwitch place={place} trigger={trigger} /> },
  { key: 'last', title: say('console.triggers.last_result'), cell: (trigger) => <LastResult trigger={trigger} /> },
];

function Actions({ trigger }: { trigger: Trigger }) {
  const say = useWords();
  return (
    <ul className={classes.actions}>
      {trigger.actions.map((action) => (
        <li key={action.id} className={classes.action}>
          <span className="nowrap">{sayAction(action, say)}</span>
          <span className={classes.target} title={action.label}>
            {action.label}
          </span>
          {action.state !== 'active' && <StateBadge state="disabled" />}
          {action.behind_since && (
            <span className="muted nowrap">
              {say('console.triggers.oldest_waiting')} <Time at={action.behind_since} />
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}

function RowActions({ place, trigger }: { place: TriggerPlace; trigger: Trigger }) {
  const say = useWords();
  const named = { name: trigger.name };
  return (
    <Group gap={4} wrap="nowrap" justify="flex-end">
      {trigger.may.includes('edit') && (
        <IconLink {...linkToTrigger(place, trigger.name)} aria-label={say('console.triggers.edit_named', named)} title={say('console.triggers.edit_named', named)}>
          <IconPencil size={18} aria-hidden />
        </IconLink>
      )}
      <TriggerActions place={place} trigger={trigger} />
    </Group>
  );
}
