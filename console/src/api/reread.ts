// Loaded pages of a list, read again one by one: what changed is changed where it stands. Fetched when something happens.
import type { InfiniteData, QueryClient } from '@tanstack/react-query';
import type { Page, PageQuery } from './page';

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
