import { Select } from '@mantine/core';
import { useSuspenseInfiniteQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { ActivityKind } from '@/api/activity';
import { activityKeys, activityQuery } from '@/api/activity';
import { joinPages } from '@/api/page';
import { useArrivals } from '@/app/arrivals';
import type { LiveEvent } from '@/app/events';
import '@/app/styles/forms';
import { useWords, type WordKey } from '@/app/words';
import { DataTable } from '@/ui/DataTable';
import { EmptyPlace } from '@/ui/EmptyPlace';
import { Filters } from '@/ui/Filters';
import { ButtonLink } from '@/ui/links';
import { LivePill } from '@/ui/LivePill';
import { TypedFilter } from '@/ui/TypedFilter';
import { ActivityFrame } from './ActivityFrame';
import { DayFilters } from './CommonFilters';
import { listEventColumns } from './eventColumns';
import { activityKinds, isFiltered, type Search, toActivityFilter } from './search';

const kindWords: Record<ActivityKind, WordKey> = {
  tag_created: 'console.activity.kind.tag_created',
  tag_changed: 'console.activity.kind.tag_changed',
  tag_deleted: 'console.activity.kind.tag_deleted',
  build_succeeded: 'console.core.state.succeeded',
  build_failed: 'console.core.state.failed',
  build_canceled: 'console.activity.kind.build_canceled',
  build_superseded: 'console.activity.kind.build_superseded',
  build_skipped: 'console.activity.kind.build_skipped',
  delivery: 'console.activity.kind.delivery',
};

/** The ends of builds, what happens to tags, and deliveries: each is a row. */
const rowed = new Set(['tag_created', 'tag_changed', 'tag_deleted', 'build.succeeded', 'build.failed', 'build.canceled', 'build.superseded', 'build.skipped', 'delivery']);

const isRow = (event: LiveEvent) => rowed.has(event.type);
const idOf = (event: LiveEvent) => String(event.type === 'delivery' ? event.delivery : event.event);

/** 事件: what happened to versions, builds and triggers in the namespaces that somebody belongs to. */
export function EventsPage({ search }: { search: Search }) {
  const say = useWords();
  const navigate = useNavigate({ from: '/activity/events' });
  const query = activityQuery(toActivityFilter(search));
  const events = useSuspenseInfiniteQuery(query);
  const rows = joinPages(events.data);
  const arrived = useArrivals({ topic: 'activity', query, keyOf: (row) => row.id, hears: isRow, isAbout: (event, row) => row.id === idOf(event), beside: [activityKeys.events] });
  const tab = say('console.activity.tab.events');
  const filtered = isFiltered(search);
  // A page may be empty before the last one.
  const none = rows.length === 0 && !events.hasNextPage;
  const change = (part: Search) => navigate({ search: (before) => ({ ...before, ...part }), replace: true });

  return (
    <ActivityFrame tab={tab}>
      {none && !filtered ? (
        <EmptyPlace title={say('console.activity.none')} text={say('console.activity.none_text')} />
      ) : (
        <>
          <Filters active={Object.values(search).filter(Boolean).length}>
            <TypedFilter label={say('console.activity.actor')} value={search.actor} onChange={(actor) => change({ actor })} />
            <Select
              label={say('console.activity.action')}
              placeholder={say('console.core.all')}
              data={activityKinds.map((kind) => ({ value: kind, label: say(kindWords[kind]) }))}
              value={search.action ?? null}
              onChange={(action) => change({ action: action ?? undefined })}
              clearable
              clearButtonProps={{ 'aria-label': say('console.core.clear') }}
              w={{ base: '100%', sm: 180 }}
            />
            <TypedFilter label={say('console.activity.object')} example="team/shop/web" value={search.object} onChange={(object) => change({ object })} />
            <DayFilters search={search} onSearch={change} />
          </Filters>
          <LivePill count={arrived.count} text={say('console.activity.arrived', { count: arrived.count })} action={say('console.core.show')} onShow={arrived.show} />
          {none ? (
            <EmptyPlace title={say('console.core.nothing_matches')}>
              <ButtonLink to="/activity/events" variant="default">
                {say('console.core.clear_filters')}
              </ButtonLink>
            </EmptyPlace>
          ) : (
            <DataTable label={tab} columns={listEventColumns(say, (kind) => say(kindWords[kind]))} rows={rows} keyOf={(row) => row.id} more={events} />
          )}
        </>
      )}
    </ActivityFrame>
  );
}
