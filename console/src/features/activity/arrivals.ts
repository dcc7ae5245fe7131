// New rows of the events wait until somebody wants to see them; what a row says of a delivery changes in place.
import { type InfiniteData, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { type Activity, type ActivityFilter, activityKeys, activityQuery } from '@/api/activity';
import type { Page } from '@/api/page';
import { type LiveEvent, useTopic } from '@/app/events';

/** The ends of builds, and what happens to tags: each is a row. */
const rowed = new Set(['tag_created', 'tag_changed', 'tag_deleted', 'build.succeeded', 'build.failed', 'build.canceled', 'build.superseded', 'build.skipped']);

export function useArrivals(rows: Activity[], filter: ActivityFilter) {
  const queries = useQueryClient();
  const [ids, setIds] = useState<string[]>([]);
  const show = () => {
    setIds([]);
    void queries.invalidateQueries({ queryKey: activityKeys.events });
  };
  const isShown = (id: string) => rows.some((row) => row.id === id);
  const patch = (id: string, event: LiveEvent) =>
    queries.setQueryData<InfiniteData<Page<Activity>>>(activityQuery(filter).queryKey, (data) => data && { ...data, pages: data.pages.map((page) => patchPage(page, id, String(event.state))) });

  useTopic('activity', (event) => {
    const id = String(event.type === 'delivery' ? event.delivery : event.event);
    if (isShown(id)) {
      if (event.type === 'delivery') patch(id, event);
      return;
    }
    if (event.type !== 'delivery' && !rowed.has(event.type)) return;
    // What the list does not ask for may have come: it is asked for when somebody wants to see it.
    if (rows.length === 0) show();
    else setIds((before) => (before.includes(id) ? before : [...before, id]));
  });
  return { count: ids.length, show };
}

const patchPage = (page: Page<Activity>, id: string, state: string): Page<Activity> => ({
  ...page,
  items: page.items.map((item) => (item.id === id && item.delivery ? { ...item, delivery: { ...item.delivery, state } } : item)),
});
