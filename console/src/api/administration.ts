// What administrators look after: the store and its check, workers and the queue, health, who holds how much.
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import type { components } from './api.gen';
import { api, take } from './client';
import { PAGE_SIZE, pageQuery } from './page';

export type Storage = components['schemas']['Storage'];
export type StorageCheck = components['schemas']['StorageCheck'];
export type NamespaceUsage = components['schemas']['NamespaceUsage'];
export type Workers = components['schemas']['Workers'];
export type HealthOfPart = components['schemas']['HealthOfPart'];
export type HealthWord = components['schemas']['HealthWord'];

const checkKey = ['storage', 'check'] as const;

export const storageQuery = queryOptions({
  queryKey: ['storage', 'facts'],
  queryFn: ({ signal }) => take(api.GET('/api/v1/storage', { signal })),
});

/** Those whose name contains `q`; all of them without it. */
export const namespaceUsageQuery = (q?: string) =>
  pageQuery(['storage', 'namespaces', { q }], (after, signal) =>
    take(api.GET('/api/v1/storage/namespaces', { params: { query: { q, limit: PAGE_SIZE, after } }, signal })),
  );

export const storageCheckQuery = queryOptions({
  queryKey: checkKey,
  queryFn: ({ signal }) => take(api.GET('/api/v1/storage/check', { signal })),
});

export function useStartCheck() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (readsBytes: boolean) => take(api.POST('/api/v1/storage/check', { body: { read_bytes: readsBytes } })),
    onSuccess: (begun) => queries.setQueryData(checkKey, begun),
  });
}

export const workersQuery = queryOptions({
  queryKey: ['workers'],
  queryFn: ({ signal }) => take(api.GET('/api/v1/workers', { signal })),
});

export const healthQuery = queryOptions({
  queryKey: ['health'],
  queryFn: ({ signal }) => take(api.GET('/api/v1/health', { signal })),
  // Looking is the point of the page: what is older than a moment is asked for again.
  staleTime: 0,
});
