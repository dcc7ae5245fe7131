// Access tokens of the signed-in person: for docker, scripts and pipelines.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { components } from './api.gen';
import { api, take } from './client';
import { PAGE_SIZE, pageQuery } from './page';

export type Token = components['schemas']['Token'];
export type TokenAction = components['schemas']['TokenAction'];

const keys = ['tokens'] as const;

export const tokensQuery = () =>
  pageQuery(keys, (after, signal) => take(api.GET('/api/v1/tokens', { params: { query: { limit: PAGE_SIZE, after } }, signal })));

/** The answer has the secret, this once: it is not kept in the cache. */
export function useCreateToken() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (made: components['schemas']['NewToken']) => take(api.POST('/api/v1/tokens', { body: made })),
    onSuccess: () => queries.invalidateQueries({ queryKey: keys }),
    gcTime: 0,
  });
}

export function useDeleteToken() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => api.DELETE('/api/v1/tokens/{id}', { params: { path: { id } } }),
    onSuccess: () => queries.invalidateQueries({ queryKey: keys }),
  });
}
