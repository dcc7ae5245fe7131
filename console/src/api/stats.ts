// What was stored and moved over time, as the server recorded it.
import { queryOptions } from '@tanstack/react-query';
import type { components } from './api.gen';
import { api, take } from './client';

export type Stats = components['schemas']['Stats'];
export type StatsRange = components['schemas']['Range'];

export const repositoryStatsQuery = (name: string, range: StatsRange) =>
  queryOptions({
    queryKey: ['stats', `repository:${name}`, range],
    queryFn: ({ signal }) =>
      take(api.GET('/api/v1/repositories/{name}/stats', { params: { path: { name }, query: { range } }, signal })),
  });

export const namespaceStatsQuery = (namespace: string, range: StatsRange) =>
  queryOptions({
    queryKey: ['stats', `namespace:${namespace}`, range],
    queryFn: ({ signal }) =>
      take(api.GET('/api/v1/namespaces/{name}/stats', { params: { path: { name: namespace }, query: { range } }, signal })),
  });

export const serverStatsQuery = (range: StatsRange) =>
  queryOptions({
    queryKey: ['stats', 'server', range],
    queryFn: ({ signal }) => take(api.GET('/api/v1/stats', { params: { query: { range } }, signal })),
  });
