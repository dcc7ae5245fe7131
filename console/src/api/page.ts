// Lists by keyset: each page names the next one.
import { infiniteQueryOptions, type QueryKey } from '@tanstack/react-query';

export interface Page<T> {
  items: T[];
  next: string | null;
}

/** Rows asked for at once: fewer make scrolling wait, more make the first page slow. */
export const PAGE_SIZE = 100;

/** `pageQuery(['repositories', params], (after, signal) => take(api.GET(…)))` */
export function pageQuery<T>(
  queryKey: QueryKey,
  fetchPage: (after: string | undefined, signal: AbortSignal) => Promise<{ items: T[]; next?: string | null }>,
) {
  return infiniteQueryOptions({
    queryKey,
    queryFn: async ({ pageParam, signal }): Promise<Page<T>> => {
      const page = await fetchPage(pageParam, signal);
      return { items: page.items, next: page.next ?? null };
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last: Page<T>) => last.next ?? undefined,
  });
}

export const joinPages = <T>(pages: { pages: Page<T>[] }): T[] => pages.pages.flatMap((page) => page.items);
