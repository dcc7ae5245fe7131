// Lists by keyset: each page names the next one.
import { infiniteQueryOptions, type QueryKey } from '@tanstack/react-query';

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
