// What the address of the list of versions says.
import type { VersionFilter } from '@/api/versions';

export const versionSorts = ['name', '-name', 'pushed', '-pushed', 'size', '-size', 'pulls', '-pulls'] as const;

export type VersionsSearch = VersionFilter;

const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);

/** Whatever an address holds, the list can show: what it does not know is left out. */
export const readVersionsSearch = (search: Record<string, unknown>): VersionsSearch => ({
  q: text(search.q),
  platform: text(search.platform),
  sort: versionSorts.find((sort) => sort === search.sort),
});
