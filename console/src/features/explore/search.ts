// What the address of the public images says.
import type { RepositoryFilter } from '@/api/repositories';

export interface ExploreSearch {
  q?: string;
  sort?: NonNullable<RepositoryFilter['sort']>;
}

const sorts = new Set(['name', '-name', 'pulls', '-pulls', 'pushed', '-pushed']);

export function readExploreSearch(search: Record<string, unknown>): ExploreSearch {
  return {
    q: typeof search.q === 'string' && search.q !== '' ? search.q : undefined,
    sort: sorts.has(String(search.sort)) ? (search.sort as ExploreSearch['sort']) : undefined,
  };
}

/** What is pulled most comes first. */
export const toFilter = (search: ExploreSearch): RepositoryFilter => ({
  q: search.q,
  type: 'public',
  sort: search.sort ?? '-pulls',
});
