// Lists by keyset: each page names the next one.
import { type InfiniteData, infiniteQueryOptions, type QueryClient, type QueryKey } from '@tanstack/react-query';

export interface Page<T> {
  items: T[];
  next: string | null;
}

/** Rows asked for at once: fewer make scrolling wait, more make the first page slow. */
export const PAGE_SIZE = 100;

/** `pageQuery(['repositories', params], (after, signal) => take(api.GET(…)))`; what a list says about itself stays in its pages. */
export function pageQuery<Answer extends { items: unknown[]; next?: string | null }>(
  queryKey: QueryKey,
  fetchPage: (after: string | undefined, signal: AbortSignal) => Promise<Answer>,
) {
  const readPage = async (after: string | undefined, signal = new AbortController().signal) => {
    const page = await fetchPage(after, signal);
    return { ...page, next: page.next ?? null };
  };
  const options = infiniteQueryOptions({
    queryKey,
    queryFn: ({ pageParam, signal }) => readPage(pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
  });
  return Object.assign(options, { readPage });
}

export const joinPages = <T>(pages: { pages: { items: T[] }[] }): T[] => pages.pages.flatMap((page) => page.items);

/** What `pageQuery` answers, as far as its rows are read again. */
export interface PageQuery<Row> {
  queryKey: QueryKey;
  readPage: (after: string | undefined) => Promise<Page<Row>>;
}

interface Rereading<Row> {
  /** Which of the loaded pages. */
  indexes: number[];
  keyOf: (row: Row) => string;
  /** Whether a row is known to be gone. */
  ended: (row: Row) => boolean;
}

/**
 * Reads some of the loaded pages again, and puts what they say of rows that are there where these stand. Answers the keys of those
 * that are not, which the list does not get. What cannot be read now stays as it was: the next event asks again.
 */
export async function rereadPages<Row>(queries: QueryClient, query: PageQuery<Row>, { indexes, keyOf, ended }: Rereading<Row>): Promise<string[]> {
  const known = queries.getQueryData<InfiniteData<Page<Row>, string | undefined>>(query.queryKey);
  if (!known) return [];
  const answers = await Promise.all(indexes.map(async (index) => ({ index, page: await query.readPage(known.pageParams[index]).catch(() => undefined) })));
  const read = new Map(answers.flatMap(({ index, page }) => (page ? [[index, page] as const] : [])));
  const rows = new Map([...read.values()].flatMap((page) => page.items.map((row) => [keyOf(row), row] as const)));
  let shown = new Set<string>();
  queries.setQueryData<InfiniteData<Page<Row>, string | undefined>>(query.queryKey, (data) => {
    if (!data) return data;
    shown = new Set(data.pages.flatMap((page) => page.items.map(keyOf)));
    // What the list says about itself is of now; where its next page begins is of then.
    const pages = data.pages.map((page, index) => ({
      ...page,
      ...read.get(index),
      next: page.next,
      items: page.items.filter((row) => !ended(row) || rows.has(keyOf(row))).map((row) => rows.get(keyOf(row)) ?? row),
    }));
    return { ...data, pages };
  });
  return [...read].flatMap(([index, page]) => findNew(page.items.map(keyOf), shown, known.pages[index]?.next === null));
}

/** Of a page's rows those that are new. What stands behind the last known one was of the next page, where there is one. */
export function findNew(keys: string[], shown: Set<string>, isLast: boolean): string[] {
  const last = keys.findLastIndex((key) => shown.has(key));
  const certain = isLast || last < 0 ? keys : keys.slice(0, last);
  return certain.filter((key) => !shown.has(key));
}
