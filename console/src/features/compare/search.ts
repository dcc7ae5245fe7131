// What the address of a comparison says.

export interface CompareSearch {
  a?: string;
  b?: string;
  platform?: string;
}

/** `1` in an address is read as a number; a tag may be one. */
const text = (value: unknown) => (typeof value === 'string' || typeof value === 'number' ? String(value) || undefined : undefined);

export const readCompareSearch = (search: Record<string, unknown>): CompareSearch => ({
  a: text(search.a),
  b: text(search.b),
  platform: text(search.platform),
});
