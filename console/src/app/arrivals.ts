// Lists that are live: what changes is changed where it stands, what is new waits until somebody wants to see it, so that nothing
// moves under the pointer. Of a list of many pages those are read again that something happened in, and the first, where new rows are.
import { hashKey, type InfiniteData, type QueryKey, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Page, PageQuery } from '@/api/page';
import { GAP, type LiveEvent, useBursts } from './events';

interface ArrivalsProps<Row> {
  /** Where it is told of. */
  topic: string | undefined;
  /** The list, as `pageQuery` answers it. */
  query: PageQuery<Row>;
  keyOf: (row: Row) => string;
  /** Whether an event is about this row. */
  isAbout: (event: LiveEvent, row: Row) => boolean;
  /** Whether it ended what it is about: its row goes. */
  isEnd?: (event: LiveEvent) => boolean;
  /** Whether an event has anything to do with the list; all of the topic have where this is missing. */
  hears?: (event: LiveEvent) => boolean;
  /** What else shows the same: read again whole, where it is on the screen. */
  beside?: QueryKey[];
}

/** How many rows wait, and what shows them: the list from its beginning. */
export function useArrivals<Row>({ topic, query, keyOf, isAbout, isEnd = () => false, hears = () => true, beside = [] }: ArrivalsProps<Row>) {
  const queries = useQueryClient();
  const hash = hashKey(query.queryKey);
  const [waiting, setWaiting] = useState<{ of: string; keys: string[] }>({ of: hash, keys: [] });
  const read = () => queries.getQueryData<InfiniteData<Page<Row>>>(query.queryKey);
  const list = (): Row[] => read()?.pages.flatMap((page) => page.items) ?? [];

  const show = () => {
    setWaiting({ of: hash, keys: [] });
    queries.setQueryData<InfiniteData<Page<Row>>>(query.queryKey, (data) => data && { pages: data.pages.slice(0, 1), pageParams: data.pageParams.slice(0, 1) });
    void queries.invalidateQueries({ queryKey: query.queryKey, exact: true });
  };

  useBursts(topic, async (burst) => {
    for (const queryKey of beside) void queries.invalidateQueries({ queryKey, predicate: (other) => other.queryHash !== hash });
    // Of what was not told one by one each row may have changed.
    const missed = burst.some(({ type }) => type === GAP);
    const events = burst.filter(hears);
    if (events.length === 0 && !missed) return;
    const pages = read()?.pages ?? [];
    // Nothing is there to be moved.
    if (list().length === 0) return show();
    const ended = (row: Row) => events.some((event) => isEnd(event) && isAbout(event, row));
    const touched = pages.flatMap((page, index) => (index === 0 || missed || page.items.some((row) => events.some((event) => isAbout(event, row))) ? [index] : []));
    const { rereadPages } = await import('@/api/reread');
    const fresh = await rereadPages(queries, query, { indexes: touched, keyOf, ended });
    if (fresh.length > 0) setWaiting((before) => ({ of: hash, keys: [...new Set([...(before.of === hash ? before.keys : []), ...fresh])] }));
  });

  // Some may be shown by now, such as what the reader made.
  const shown = waiting.of === hash && waiting.keys.length > 0 ? new Set(list().map(keyOf)) : undefined;
  return { count: shown ? waiting.keys.filter((key) => !shown.has(key)).length : 0, show };
}
