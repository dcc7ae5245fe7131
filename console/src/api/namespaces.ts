// Namespaces: the first part of an image's name.
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import type { components } from './api.gen';
import type { Losses } from './repositories';
import { api, take } from './client';
import { PAGE_SIZE, pageQuery } from './page';
import type { Verb } from './session';

export type Namespace = components['schemas']['Namespace'];
export type Role = components['schemas']['CallerRole'];

export const namespaceKeys = {
  all: ['namespaces'] as const,
  lists: ['namespaces', null] as const,
  one: (name: string) => ['namespaces', name] as const,
};

/** Those whose name contains `q`, and where the reader may do `may`; all of them without both. */
export const namespacesQuery = ({ q, may }: { q?: string; may?: Verb } = {}) =>
  pageQuery([...namespaceKeys.lists, { q, may }], (after, signal) =>
    take(api.GET('/api/v1/namespaces', { params: { query: { q, may, limit: PAGE_SIZE, after } }, signal })),
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

/** Its description; the name stays. */
export function useEditNamespace(namespace: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (changes: components['schemas']['NamespaceChanges']) =>
      take(api.PATCH('/api/v1/namespaces/{namespace}', { params: { path: { namespace } }, body: changes })),
    onSuccess: () => queries.invalidateQueries({ queryKey: namespaceKeys.all }),
  });
}

/** What would be lost with it; asked when somebody is about to delete it. */
export const namespaceLossesQuery = (namespace: string) =>
  queryOptions({
    queryKey: [...namespaceKeys.one(namespace), 'deletion'],
    queryFn: async ({ signal }): Promise<Losses> => {
      const { items } = await take(api.GET('/api/v1/namespaces/{namespace}/deletion', { params: { path: { namespace } }, signal }));
      return items;
    },
    // It is asked for a decision: never from memory.
    staleTime: 0,
    gcTime: 0,
  });

/** With all of its images: they were listed before it was confirmed. */
export function useDeleteNamespace() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (namespace: string) =>
      api.DELETE('/api/v1/namespaces/{namespace}', { params: { path: { namespace }, query: { with_repositories: true } } }),
    onSuccess: (_, namespace) => {
      queries.removeQueries({ queryKey: namespaceKeys.one(namespace) });
      queries.removeQueries({ queryKey: ['repositories'] });
      return queries.invalidateQueries({ queryKey: namespaceKeys.lists });
    },
  });
}
