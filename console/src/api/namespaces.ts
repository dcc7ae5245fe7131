// Namespaces: the first part of an image's name.
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import type { components } from './api.gen';
import { api, take } from './client';
import { PAGE_SIZE, pageQuery } from './page';

export type Namespace = components['schemas']['Namespace'];
export type Role = components['schemas']['CallerRole'];

export const namespaceKeys = {
  all: ['namespaces'] as const,
  lists: ['namespaces', null] as const,
  one: (name: string) => ['namespaces', name] as const,
};

export const namespacesQuery = () =>
  pageQuery(namespaceKeys.lists, (after, signal) =>
    take(api.GET('/api/v1/namespaces', { params: { query: { limit: PAGE_SIZE, after } }, signal })),
  );

export const namespaceQuery = (namespace: string) =>
  queryOptions({
    queryKey: namespaceKeys.one(namespace),
    queryFn: ({ signal }) =>
      take(api.GET('/api/v1/namespaces/{namespace}', { params: { path: { namespace } }, signal })),
  });

export function useCreateNamespace() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (made: components['schemas']['NewNamespace']) => take(api.POST('/api/v1/namespaces', { body: made })),
    onSuccess: () => queries.invalidateQueries({ queryKey: namespaceKeys.all }),
  });
}
