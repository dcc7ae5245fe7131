// What the address of the list of images says.

export interface ImagesSearch {
  q?: string;
  type?: 'public' | 'private';
  fav?: boolean;
  ns?: string;
  sort?: string;
}

const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);

/** Whatever an address holds, this list can show: what it does not know is left out. */
export function readImagesSearch(search: Record<string, unknown>): ImagesSearch {
  return {
    q: text(search.q),
    type: search.type === 'public' || search.type === 'private' ? search.type : undefined,
    fav: search.fav === true || undefined,
    ns: text(search.ns),
    sort: text(search.sort),
  };
}

/** What the server is asked for. */
export const toFilter = (search: ImagesSearch) => ({
  q: search.q,
  favourite: search.fav,
  namespace: search.ns,
});
