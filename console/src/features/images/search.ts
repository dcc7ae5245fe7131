// What the address of the list of images says.
import type { RepositoryFilter } from '@/api/repositories';

const sorts = ['name', '-name', 'tags', '-tags', 'size', '-size', 'created', '-created', 'pushed', '-pushed'] as const;

export interface ImagesSearch {
  q?: string;
  type?: 'public' | 'private';
  fav?: boolean;
  /** Those of one namespace. */
  ns?: string;
  sort?: (typeof sorts)[number];
  /** 重置密码 is open. */
  reset?: true;
}

const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);

/** Whatever an address holds, this list can show: what it does not know is left out. */
export function readImagesSearch(search: Record<string, unknown>): ImagesSearch {
  return {
    q: text(search.q),
    type: search.type === 'public' || search.type === 'private' ? search.type : undefined,
    fav: search.fav === true || undefined,
    ns: search.ns === undefined || search.ns === '' ? undefined : String(search.ns),
    sort: sorts.find((sort) => sort === search.sort),
    reset: search.reset === true || undefined,
  };
}

/** What the server is asked for. */
export const toFilter = (search: ImagesSearch): RepositoryFilter => ({
  q: search.q,
  // A star may be on anybody's public image, and administrators look into namespaces that are not theirs.
  member: search.fav || search.ns ? undefined : true,
  namespace: search.ns,
  favourite: search.fav,
  type: search.type,
  sort: search.sort,
});
