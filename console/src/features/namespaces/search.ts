// What the addresses of a namespace's tabs say.
import type { RepositoryFilter } from '@/api/repositories';
import { type FormSearch, readFormSearch } from '@/app/overList';
import { type ImagesSearch, readImagesSearch } from '@/features/images/search';

export type NamespaceImagesSearch = Pick<ImagesSearch, 'q' | 'type' | 'sort'>;

export function readNamespaceImagesSearch(search: Record<string, unknown>): NamespaceImagesSearch {
  const { q, type, sort } = readImagesSearch(search);
  return { q, type, sort };
}

export const toFilter = (namespace: string, search: NamespaceImagesSearch): RepositoryFilter => ({ namespace, ...search });

/** The list of namespaces, narrowed by a part of the name. */
export interface NamespacesSearch {
  q?: string;
}

const readText = (value: unknown) => (value === undefined || value === '' ? undefined : String(value));

export const readNamespacesSearch = (search: Record<string, unknown>): NamespacesSearch => ({ q: readText(search.q) });

/** The list of members, narrowed by a part of the name, and the form that is open over it. */
export interface MembersSearch extends FormSearch {
  q?: string;
}

export const readMembersSearch = (search: Record<string, unknown>): MembersSearch => ({ ...readFormSearch(search), q: readText(search.q) });
