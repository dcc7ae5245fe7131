// Robots of a namespace: accounts for pipelines and clusters, with no more than they were given.
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import type { components } from './api.gen';
import { api, take } from './client';
import { PAGE_SIZE, pageQuery } from './page';

export type Robot = components['schemas']['Robot'];
export type RobotAction = components['schemas']['RobotAction'];
export type RobotChanges = components['schemas']['RobotChanges'];

const robotKeys = (namespace: string) => ['robots', namespace] as const;

export const robotsQuery = (namespace: string) =>
  pageQuery(robotKeys(namespace), (after, signal) =>
    take(
      api.GET('/api/v1/namespaces/{namespace}/robots', {
        params: { path: { namespace }, query: { limit: PAGE_SIZE, after } },
        signal,
      }),
    ),
  );

/** One of them, wherever the list has it. */
export const robotQuery = (namespace: string, name: string) =>
  queryOptions({
    queryKey: [...robotKeys(namespace), name],
    queryFn: ({ signal }) => take(api.GET('/api/v1/namespaces/{namespace}/robots/{name}', { params: { path: { namespace, name } }, signal })),
  });

/** The answer has the secret, this once: it is not kept in the cache. */
export function useCreateRobot(namespace: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (made: components['schemas']['NewRobot']) =>
      take(api.POST('/api/v1/namespaces/{namespace}/robots', { params: { path: { namespace } }, body: made })),
    onSuccess: () => queries.invalidateQueries({ queryKey: robotKeys(namespace) }),
    gcTime: 0,
  });
}

/** Changes the parts of `changes`; what it leaves out stays. */
export function useEditRobot(namespace: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ name, changes }: { name: string; changes: RobotChanges }) =>
      take(
        api.PATCH('/api/v1/namespaces/{namespace}/robots/{name}', { params: { path: { namespace, name } }, body: changes }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: robotKeys(namespace) }),
  });
}

/** Another secret; the old one ends at once. The answer has the new one, this once. */
export function useRotateRobot(namespace: string) {
  return useMutation({
    mutationFn: (name: string) =>
      take(
        api.POST('/api/v1/namespaces/{namespace}/robots/{name}/secret', { params: { path: { namespace, name } }, body: {} }),
      ),
    gcTime: 0,
  });
}

export function useDeleteRobot(namespace: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (name: string) =>
      api.DELETE('/api/v1/namespaces/{namespace}/robots/{name}', { params: { path: { namespace, name } } }),
    onSuccess: () => queries.invalidateQueries({ queryKey: robotKeys(namespace) }),
  });
}
