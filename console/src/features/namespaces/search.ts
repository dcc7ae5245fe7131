// What the addresses of a namespace's tabs say.
import type { RepositoryFilter } from '@/api/repositories';
import { type ImagesSearch, readImagesSearch } from '@/features/images/search';

export type NamespaceImagesSearch = Pick<ImagesSearch, 'q' | 'type' | 'sort'>;

export function readNamespaceImagesSearch(search: Record<string, unknown>): NamespaceImagesSearch {
  const { q, type, sort } = readImagesSearch(search);
  return { q, type, sort };
}

export const toFilter = (namespace: string, search: NamespaceImagesSearch): RepositoryFilter => ({ namespace, ...search });
