// The whole way of an image: commit, build, digest, versions, triggers, and what runs where now.
import { queryOptions } from '@tanstack/react-query';
import type { components } from './api.gen';
import { api, take } from './client';

export type Trace = components['schemas']['Trace'];

export const traceKeys = {
  of: (repository: string) => ['traces', repository] as const,
};

export const traceQuery = (repository: string, reference: string) =>
  queryOptions({
    queryKey: [...traceKeys.of(repository), reference],
    queryFn: ({ signal }) =>
      take(
        api.GET('/api/v1/repositories/{name}/trace/{reference}', {
          params: { path: { name: repository, reference } },
          signal,
        }),
      ),
    // What runs is asked of the clusters each time; their answer is old at once, and each question costs them.
    retry: false,
  });
