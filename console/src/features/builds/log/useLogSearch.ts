import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useEffectEvent, useRef, useState } from 'react';
import { type LogHit, logSearchQuery, searchLog } from '@/api/buildLog';

export interface LogSearch {
  /** Lines that have it, all of them. */
  found: number;
  /** The one that is shown, from 1; 0 where there is none. */
  at: number;
  hit?: LogHit;
  problem?: unknown;
  /** To the one after it or before it. */
  walk: (step: 1 | -1) => Promise<void>;
}

/** Searches the whole log on the server, and walks from one match to the next; `onHit` goes there. */
export function useLogSearch(image: string, number: number, wanted: string, onHit: (hit: LogHit) => void): LogSearch {
  const first = useQuery({ ...logSearchQuery(image, number, wanted), placeholderData: keepPreviousData });
  const data = wanted === '' ? undefined : first.data;
  // Pages after the first, for this search.
  const [more, setMore] = useState<{ wanted: string; hits: LogHit[]; next: string | null }>();
  const [place, setPlace] = useState(0);
  const shownFor = useRef('');

  const later = more?.wanted === wanted ? more : undefined;
  const hits = later ? [...(data?.items ?? []), ...later.hits] : (data?.items ?? []);
  const next = later ? later.next : (data?.next ?? null);
  const at = Math.min(place, Math.max(0, hits.length - 1));

  // What was searched for anew is shown from its first match on; the same search with more lines stays where it is.
  const arrive = useEffectEvent(() => {
    if (shownFor.current === wanted) return;
    shownFor.current = wanted;
    setPlace(0);
    setMore(undefined);
    const hit = data?.items[0];
    if (hit) onHit(hit);
  });
  useEffect(() => {
    if (wanted === '') shownFor.current = '';
    else if (data && !first.isPlaceholderData) arrive();
  }, [wanted, data, first.isPlaceholderData]);

  const walk = async (step: 1 | -1) => {
    if (hits.length === 0) return;
    let all = hits;
    let to = at + step;
    if (to >= all.length && next !== null) {
      const page = await searchLog(image, number, wanted, next);
      setMore({ wanted, hits: [...(later?.hits ?? []), ...page.items], next: page.next });
      all = [...all, ...page.items];
    }
    if (to >= all.length) to = 0;
    // Around to the end only where the end is here: it is thousands of matches away otherwise.
    if (to < 0) to = next === null ? all.length - 1 : 0;
    setPlace(to);
    const hit = all[to];
    if (hit) onHit(hit);
  };
  return { found: data?.total ?? 0, at: hits.length === 0 ? 0 : at + 1, hit: hits[at], problem: wanted === '' ? undefined : first.error, walk };
}
