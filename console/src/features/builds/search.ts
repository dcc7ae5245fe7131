// What the address of the list of builds says.
import type { BuildFilter } from '@/api/builds';

const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : typeof value === 'number' ? String(value) : undefined);

/** Whatever an address holds: what the list does not know is left out. */
export const readBuildFilter = (search: Record<string, unknown>): BuildFilter => ({
  state: text(search.state),
  ref: text(search.ref),
  rule: text(search.rule),
});
