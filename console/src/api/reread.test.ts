import { QueryClient } from '@tanstack/react-query';
import { describe, expect, it, vi } from 'vitest';
import { joinPages, type Page } from './page';
import { findNew, rereadPages } from './reread';

interface Row {
  name: string;
  state?: string;
}

const keyOf = (row: Row) => row.name;
const never = () => false;
const rows = (...names: string[]): Row[] => names.map((name) => ({ name }));

/** A list of two loaded pages, and what the server says of them by now. */
function setUp(now: Record<string, Page<Row>>) {
  const queries = new QueryClient();
  const queryKey = ['rows', null];
  queries.setQueryData(queryKey, {
    pages: [
      { items: rows('a', 'b'), next: 'b' },
      { items: rows('c', 'd'), next: 'd' },
    ],
    pageParams: [undefined, 'b'],
  });
  const readPage = vi.fn(async (after: string | undefined) => {
    const page = now[after ?? ''];
    if (!page) throw new Error('no answer');
    return page;
  });
  const read = () => queries.getQueryData<{ pages: Page<Row>[] }>(queryKey) ?? { pages: [] };
  return { queries, query: { queryKey, readPage }, readPage, read };
}

describe('rereadPages', () => {
  it('changes rows where they stand, asks for the pages it is told to, and answers what is new without showing it', async () => {
    const { queries, query, readPage, read } = setUp({ '': { items: [{ name: 'new' }, { name: 'b', state: 'changed' }, { name: 'a' }], next: 'a' } });
    expect(await rereadPages(queries, query, { indexes: [0], keyOf, ended: never })).toEqual(['new']);
    expect(readPage).toHaveBeenCalledTimes(1);
    expect(joinPages(read())).toEqual([{ name: 'a' }, { name: 'b', state: 'changed' }, { name: 'c' }, { name: 'd' }]);
    expect(read().pages[0]?.next).toBe('b');
  });

  it('takes away what is known to be gone, unless it is there again', async () => {
    const { queries, query, read } = setUp({ '': { items: rows('b', 'c'), next: 'c' } });
    await rereadPages(queries, query, { indexes: [0], keyOf, ended: (row) => row.name < 'c' });
    expect(joinPages(read()).map(keyOf)).toEqual(['b', 'c', 'd']);
  });

  it('leaves a page as it is that cannot be read', async () => {
    const { queries, query, read } = setUp({});
    expect(await rereadPages(queries, query, { indexes: [0, 1], keyOf, ended: never })).toEqual([]);
    expect(joinPages(read()).map(keyOf)).toEqual(['a', 'b', 'c', 'd']);
  });
});

describe('findNew', () => {
  it('does not take for new what moved up from the next page', () => {
    expect(findNew(['new', 'a', 'c'], new Set(['a', 'b']), false)).toEqual(['new']);
    expect(findNew(['a', 'c'], new Set(['a', 'b']), true)).toEqual(['c']);
  });

  it('takes a page that nothing is known of for new', () => {
    expect(findNew(['x', 'y'], new Set(['a']), false)).toEqual(['x', 'y']);
  });
});
