// What a namespace signs in to other registries with: to pull base images, and to push there too.
// Passwords go in and never come out.
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import type { components } from './api.gen';
import { api, take } from './client';
import { PAGE_SIZE, pageQuery } from './page';

export type Credential = components['schemas']['Credential'];
export type CredentialChanges = components['schemas']['CredentialChanges'];

const credentialKeys = (namespace: string) => ['credentials', namespace] as const;

export const credentialsQuery = (namespace: string) =>
  pageQuery(credentialKeys(namespace), (after, signal) =>
    take(
      api.GET('/api/v1/namespaces/{namespace}/credentials', {
        params: { path: { namespace }, query: { limit: PAGE_SIZE, after } },
        signal,
      }),
    ),
  );

/** One of them, wherever the list has it. */
export const credentialQuery = (namespace: string, credential: string) =>
  queryOptions({
    queryKey: [...credentialKeys(namespace), credential],
    queryFn: ({ signal }) =>
      take(api.GET('/api/v1/namespaces/{namespace}/credentials/{credential}', { params: { path: { namespace, credential } }, signal })),
  });

export function useCreateCredential(namespace: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (made: components['schemas']['NewCredential']) =>
      take(api.POST('/api/v1/namespaces/{namespace}/credentials', { params: { path: { namespace } }, body: made })),
    onSuccess: () => queries.invalidateQueries({ queryKey: credentialKeys(namespace) }),
    gcTime: 0,
  });
}

/** Changes the parts of `changes`; what it leaves out stays. */
export function useEditCredential(namespace: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ id, changes }: { id: string; changes: CredentialChanges }) =>
      take(
        api.PATCH('/api/v1/namespaces/{namespace}/credentials/{credential}', {
          params: { path: { namespace, credential: id } },
          body: changes,
        }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: credentialKeys(namespace) }),
    gcTime: 0,
  });
}

/** Asks the registry whether it accepts it; the list says what came out. */
export function useTestCredential(namespace: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      take(
        api.POST('/api/v1/namespaces/{namespace}/credentials/{credential}/test', {
          params: { path: { namespace, credential: id } },
          body: {},
        }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: credentialKeys(namespace) }),
  });
}

export function useDeleteCredential(namespace: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      api.DELETE('/api/v1/namespaces/{namespace}/credentials/{credential}', {
        params: { path: { namespace, credential: id } },
      }),
    onSuccess: () => queries.invalidateQueries({ queryKey: credentialKeys(namespace) }),
  });
}
