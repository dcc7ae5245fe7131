// The versions of an image: its tags.
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import type { components } from './api.gen';
import { api, take } from './client';
import { PAGE_SIZE, pageQuery } from './page';
import { repositoryKeys } from './repositories';

export type Version = components['schemas']['Tag'];
export type VersionDetail = components['schemas']['TagDetail'];

export interface VersionFilter {
  q?: string;
}

export const versionKeys = {
  all: (name: string) => ['versions', name] as const,
  one: (name: string, tag: string) => ['versions', name, tag] as const,
};

export const versionsQuery = (name: string, filter: VersionFilter) =>
  pageQuery([...versionKeys.all(name), null, filter], (after, signal) =>
    take(
      api.GET('/api/v1/repositories/{name}/tags', {
        params: { path: { name }, query: { ...filter, limit: PAGE_SIZE, after } },
        signal,
      }),
    ),
  );

export const versionQuery = (name: string, tag: string) =>
  queryOptions({
    queryKey: versionKeys.one(name, tag),
    queryFn: ({ signal }) =>
      take(api.GET('/api/v1/repositories/{name}/tags/{tag}', { params: { path: { name, tag } }, signal })),
  });

export function useDeleteVersion(name: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (tag: string) =>
      api.DELETE('/api/v1/repositories/{name}/tags/{tag}', { params: { path: { name, tag } } }),
    onSuccess: () =>
      Promise.all([
        queries.invalidateQueries({ queryKey: versionKeys.all(name) }),
        queries.invalidateQueries({ queryKey: repositoryKeys.one(name) }),
      ]),
  });
}
