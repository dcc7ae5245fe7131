// Builds of an image: the list, one of them, starting, stopping, doing again.
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import type { components } from './api.gen';
import { api, send, take } from './client';
import { PAGE_SIZE, pageQuery } from './page';
import { repositoryKeys } from './repositories';

export type Build = components['schemas']['Build'];
export type BuildDetail = components['schemas']['BuildDetail'];
export type NewStart = Partial<components['schemas']['NewStart']>;
export type Queue = components['schemas']['Queue'];

export interface BuildFilter {
  state?: string;
  ref?: string;
  rule?: string;
}

export const buildKeys = {
  all: (name: string) => ['builds', name] as const,
  lists: (name: string) => ['builds', name, null] as const,
  one: (name: string, number: number) => ['builds', name, number] as const,
};

/** Bars of the trend: the issue and the design say 30. */
export const TREND_BUILDS = 30;

/** What there is to say about a Dockerfile; nothing is kept. */
export const checkDockerfile = (dockerfile: string) => take(api.POST('/api/v1/dockerfile-checks', { body: { dockerfile } }));

export const buildsQuery = (name: string, filter: BuildFilter) =>
  pageQuery([...buildKeys.lists(name), filter], (after, signal) =>
    take(
      api.GET('/api/v1/repositories/{name}/builds', {
        params: { path: { name }, query: { ...filter, limit: PAGE_SIZE, after } },
        signal,
      }),
    ),
  );

/** The last builds of a rule, newest first, whatever the list beside it is filtered by. */
export const buildTrendQuery = (name: string, rule: string) =>
  queryOptions({
    queryKey: [...buildKeys.lists(name), 'trend', rule],
    queryFn: async ({ signal }) => {
      const { items } = await take(
        api.GET('/api/v1/repositories/{name}/builds', {
          params: { path: { name }, query: { rule, limit: TREND_BUILDS } },
          signal,
        }),
      );
      return items;
    },
  });

export const buildQuery = (name: string, number: number) =>
  queryOptions({
    queryKey: buildKeys.one(name, number),
    queryFn: ({ signal }) =>
      take(api.GET('/api/v1/repositories/{name}/builds/{number}', { params: { path: { name, number } }, signal })),
  });

export const queueQuery = () =>
  queryOptions({
    queryKey: ['queue'],
    queryFn: ({ signal }) => take(api.GET('/api/v1/builds/queue', { signal })),
  });

/** Everything that shows how builds of this image are: its lists, and the image's own last state. */
function useTouched(name: string) {
  const queries = useQueryClient();
  return () =>
    Promise.all([
      queries.invalidateQueries({ queryKey: buildKeys.all(name) }),
      queries.invalidateQueries({ queryKey: repositoryKeys.one(name) }),
      queries.invalidateQueries({ queryKey: ['queue'] }),
    ]);
}

export function useStartBuild(name: string) {
  const touched = useTouched(name);
  return useMutation({
    mutationFn: (start: NewStart) =>
      take(
        api.POST('/api/v1/repositories/{name}/builds', {
          params: { path: { name } },
          // What is left out has its default; the generated type wants all of it.
          body: start as components['schemas']['NewStart'],
        }),
      ),
    onSuccess: touched,
  });
}

export function useCancelBuild(name: string) {
  const touched = useTouched(name);
  return useMutation({
    mutationFn: (number: number) =>
      take(api.POST('/api/v1/repositories/{name}/builds/{number}/cancel', { params: { path: { name, number } } })),
    onSuccess: touched,
  });
}

export function useRetryBuild(name: string) {
  const touched = useTouched(name);
  return useMutation({
    mutationFn: (number: number) =>
      take(api.POST('/api/v1/repositories/{name}/builds/{number}/retry', { params: { path: { name, number } } })),
    onSuccess: touched,
  });
}

export function useRetryPush(name: string, number: number) {
  const touched = useTouched(name);
  return useMutation({
    mutationFn: (push: string) =>
      api.POST('/api/v1/repositories/{name}/builds/{number}/pushes/{push}/retry', {
        params: { path: { name, number, push } },
      }),
    onSuccess: touched,
  });
}

/** Sends an archive that a build started within the hour may use; the answer is its id. */
export async function uploadContext(name: string, file: File): Promise<string> {
  const response = await send(`/api/v1/repositories/${encodeURIComponent(name)}/build-contexts`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/octet-stream' },
    body: file,
  });
  const kept: components['schemas']['BuildContext'] = await response.json();
  return kept.id;
}
