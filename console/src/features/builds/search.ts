// What the address of the list of builds says.
import type { BuildFilter } from '@/api/builds';

const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : typeof value === 'number' ? String(value) : undefined);

/** Whatever an address holds: what the list does not know is left out. */
export const readBuildFilter = (search: Record<string, unknown>): BuildFilter => ({
  state: text(search.state),
  ref: text(search.ref),
  rule: text(search.rule),
});

export const cardParts = ['urls', 'links', 'not_built'] as const;
export type CardPart = (typeof cardParts)[number];

export interface BuildsSearch extends BuildFilter {
  /** The part of a rule's card that was opened last. */
  open?: CardPart;
  /** Of which rule. */
  of?: string;
}

export const readBuildsSearch = (search: Record<string, unknown>): BuildsSearch => ({
  ...readBuildFilter(search),
  open: cardParts.find((part) => part === search.open),
  of: text(search.of),
});
