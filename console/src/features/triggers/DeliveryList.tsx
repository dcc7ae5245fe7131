import { Select } from '@mantine/core';
import { useInfiniteQuery, useSuspenseInfiniteQuery } from '@tanstack/react-query';
import { deliveriesQuery, type Delivery, deliveryKeys, deliveryTopic } from '@/api/deliveries';
import { joinPages } from '@/api/page';
import { type TriggerPlace, triggersQuery } from '@/api/triggers';
import { useArrivals } from '@/app/arrivals';
import '@/app/styles/forms';
import { type Say, useWords, type WordKey } from '@/app/words';
import { type Column, DataTable } from '@/ui/DataTable';
import { EmptyPlace } from '@/ui/EmptyPlace';
import { FilterInput } from '@/ui/FilterInput';
import { Filters } from '@/ui/Filters';
import { ButtonLink, TextLink } from '@/ui/links';
import { LivePill } from '@/ui/LivePill';
import { MiddleCut } from '@/ui/MiddleCut';
import { Reason } from '@/ui/Reason';
import { Time } from '@/ui/Time';
import { ConditionText } from './ConditionText';
import { DeliveryState } from './DeliveryState';
import { linkToDeliveries, linkToDelivery } from './links';
import { type DeliveriesSearch, toFilter } from './search';
import { deliveryStates, type DeliveryStateName } from './state';
import classes from './triggers.module.css';
import { sayKind } from './words';

interface DeliveryListProps {
  place: TriggerPlace;
  search: DeliveriesSearch;
  onSearch: (part: DeliveriesSearch) => void;
}

/** 触发记录: what triggers did, the newest first. */
export function DeliveryList({ place, search, onSearch }: DeliveryListProps) {
  const say = useWords();
  const query = deliveriesQuery(place, toFilter(search));
  const deliveries = useSuspenseInfiniteQuery(query);
  const rows = joinPages(deliveries.data);
  const filtered = Boolean(search.trigger || search.result || search.tag);
  const arrived = useArrivals({
    topic: deliveryTopic(place),
    query,
    keyOf: (delivery) => delivery.id,
    hears: (event) => event.type === 'delivery',
    isAbout: (event, delivery) => event.delivery === delivery.id,
    beside: [deliveryKeys.of(place)],
  });

  if (rows.length === 0 && !filtered) return <EmptyPlace title={say('console.triggers.no_deliveries')} text={say('console.triggers.no_deliveries_text')} />;
  return (
    <>
      <DeliveryFilters place={place} search={search} onSearch={onSearch} />
      <LivePill count={arrived.count} text={say('console.triggers.arrived', { count: arrived.count })} action={say('console.core.show')} onShow={arrived.show} />
      {rows.length > 0 ? (
        <DataTable label={say('console.triggers.deliveries')} columns={listColumns(place, say)} rows={rows} keyOf={(row) => row.id} more={deliveries} />
      ) : (
        <EmptyPlace title={say('console.core.nothing_matches')}>
          <ButtonLink {...linkToDeliveries(place)} variant="default">
            {say('console.core.clear_filters')}
          </ButtonLink>
        </EmptyPlace>
      )}
    </>
  );
}

const stateWords: Record<DeliveryStateName, WordKey> = {
  waiting: 'console.triggers.result.waiting',
  running: 'console.triggers.result.running',
  succeeded: 'console.triggers.result.succeeded',
  unchanged: 'console.triggers.result.unchanged',
  superseded: 'console.triggers.result.superseded',
  failed: 'console.triggers.result.failed',
  canceled: 'console.triggers.result.canceled',
};

function DeliveryFilters({ place, search, onSearch }: DeliveryListProps) {
  const say = useWords();
  const triggers = useInfiniteQuery(triggersQuery(place));
  const names = triggers.data ? joinPages(triggers.data).map((trigger) => trigger.name) : [];
  // Also one that was deleted, or a namespace's, whose deliveries are still here.
  const offered = search.trigger && !names.includes(search.trigger) ? [search.trigger, ...names] : names;
  return (
    <Filters
      active={[search.trigger, search.result].filter(Boolean).length}
      lead={<FilterInput label={say('console.triggers.filter_tag')} value={search.tag} onChange={(tag) => onSearch({ tag })} />}
    >
      <Select
        aria-label={say('console.triggers.filter_trigger')}
        placeholder={say('console.triggers.filter_trigger')}
        data={offered}
        value={search.trigger ?? null}
        onChange={(trigger) => onSearch({ trigger: trigger ?? undefined })}
        clearable
        clearButtonProps={{ 'aria-label': say('console.core.clear') }}
        searchable
        w={{ base: '100%', sm: 200 }}
      />
      <Select
        aria-label={say('console.triggers.filter_result')}
        placeholder={say('console.triggers.filter_result')}
        data={deliveryStates.map((state) => ({ value: state, label: say(stateWords[state]) }))}
        value={search.result ?? null}
        onChange={(result) => onSearch({ result: deliveryStates.find((state) => state === result) })}
        clearable
        clearButtonProps={{ 'aria-label': say('console.core.clear') }}
        w={{ base: '100%', sm: 180 }}
      />
    </Filters>
  );
}

const listColumns = (place: TriggerPlace, say: Say): Column<Delivery>[] => [
  {
    key: 'name',
    title: say('console.triggers.name'),
    grows: true,
    cell: (delivery) => (
      <TextLink {...linkToDelivery(delivery.repository, delivery.id)} className={classes.name}>
        <MiddleCut text={delivery.trigger} />
      </TextLink>
    ),
  },
  { key: 'condition', title: say('console.triggers.condition_label'), from: 1200, cell: (delivery) => <ConditionText condition={delivery.condition} /> },
  ...(place.repository === undefined
    ? [{ key: 'image', title: say('console.triggers.image'), cell: (delivery: Delivery) => <MiddleCut text={delivery.repository} /> }]
    : []),
  {
    key: 'action',
    title: say('console.triggers.action_label'),
    cell: (delivery) => (
      <span className={classes.action}>
        <span className="nowrap">{sayKind(delivery.kind, say)}</span>
        <span className={classes.target} title={delivery.target}>
          {delivery.target}
        </span>
      </span>
    ),
  },
  { key: 'tag', title: say('console.triggers.version'), cell: (delivery) => (delivery.tag ? <code className={classes.tag}>{delivery.tag}</code> : '–') },
  {
    key: 'result',
    title: say('console.triggers.result_label'),
    cell: (delivery) => (
      <>
        <DeliveryState delivery={delivery} />
        <Reason>{delivery.message}</Reason>
      </>
    ),
  },
  { key: 'time', title: say('console.triggers.time'), cell: (delivery) => <Time at={delivery.created_at} mode="record" /> },
];
