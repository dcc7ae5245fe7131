// Triggers: of an image, or of a namespace and so of all its images. Both have the same parts at two addresses.
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import type { components } from './api.gen';
import { api, take } from './client';
import { PAGE_SIZE, pageQuery } from './page';

export type Trigger = components['schemas']['ShownTrigger'];
export type ChangedTrigger = components['schemas']['ChangedTrigger'];
export type TriggerAction = components['schemas']['ShownAction'];
export type NewTrigger = components['schemas']['NewTrigger'];
export type NewAction = components['schemas']['NewAction'];
export type TriggerChanges = components['schemas']['TriggerChanges'];
export type TriggerCondition = components['schemas']['Condition'];
export type TriggerEvent = components['schemas']['TriggerEvent'];
export type WorkloadWarning = components['schemas']['Warning'];
export type TriggerTrial = components['schemas']['TriggerTrial'];

/** Whose triggers: an image's by its name, or a namespace's own. */
export type TriggerPlace = { repository: string; namespace?: undefined } | { namespace: string; repository?: undefined };

export const placeKey = (place: TriggerPlace) => place.repository ?? `${place.namespace}/`;

export const triggerKeys = {
  all: (place: TriggerPlace) => ['triggers', placeKey(place)] as const,
  one: (place: TriggerPlace, trigger: string) => ['triggers', placeKey(place), trigger] as const,
};

export const triggersQuery = (place: TriggerPlace) =>
  pageQuery([...triggerKeys.all(place), null], (after, signal) => {
    const query = { limit: PAGE_SIZE, after };
    return place.repository === undefined
      ? take(api.GET('/api/v1/namespaces/{namespace}/triggers', { params: { path: { namespace: place.namespace }, query }, signal }))
      : take(api.GET('/api/v1/repositories/{name}/triggers', { params: { path: { name: place.repository }, query }, signal }));
  });

export const triggerQuery = (place: TriggerPlace, trigger: string) =>
  queryOptions({
    queryKey: triggerKeys.one(place, trigger),
    queryFn: ({ signal }) =>
      place.repository === undefined
        ? take(
            api.GET('/api/v1/namespaces/{namespace}/triggers/{trigger}', {
              params: { path: { namespace: place.namespace, trigger } },
              signal,
            }),
          )
        : take(
            api.GET('/api/v1/repositories/{name}/triggers/{trigger}', {
              params: { path: { name: place.repository, trigger } },
              signal,
            }),
          ),
  });

export function useCreateTrigger(place: TriggerPlace) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: NewTrigger) =>
      place.repository === undefined
        ? take(api.POST('/api/v1/namespaces/{namespace}/triggers', { params: { path: { namespace: place.namespace } }, body }))
        : take(api.POST('/api/v1/repositories/{name}/triggers', { params: { path: { name: place.repository } }, body })),
    onSuccess: () => queries.invalidateQueries({ queryKey: triggerKeys.all(place) }),
  });
}

export function useEditTrigger(place: TriggerPlace) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ trigger, changes: body }: { trigger: string; changes: TriggerChanges }) =>
      place.repository === undefined
        ? take(
            api.PATCH('/api/v1/namespaces/{namespace}/triggers/{trigger}', {
              params: { path: { namespace: place.namespace, trigger } },
              body,
            }),
          )
        : take(
            api.PATCH('/api/v1/repositories/{name}/triggers/{trigger}', {
              params: { path: { name: place.repository, trigger } },
              body,
            }),
          ),
    onSettled: () => queries.invalidateQueries({ queryKey: triggerKeys.all(place) }),
  });
}

export function useDeleteTrigger(place: TriggerPlace) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (trigger: string) =>
      place.repository === undefined
        ? api.DELETE('/api/v1/namespaces/{namespace}/triggers/{trigger}', {
            params: { path: { namespace: place.namespace, trigger } },
          })
        : api.DELETE('/api/v1/repositories/{name}/triggers/{trigger}', {
            params: { path: { name: place.repository, trigger } },
          }),
    onSuccess: (_, trigger) => {
      queries.removeQueries({ queryKey: triggerKeys.one(place, trigger) });
      return queries.invalidateQueries({ queryKey: triggerKeys.all(place) });
    },
  });
}

/** An action that was switched off, or whose receiver said that it is gone, works again. */
export function useEnableAction(place: TriggerPlace) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ trigger, action }: { trigger: string; action: string }) =>
      place.repository === undefined
        ? take(
            api.POST('/api/v1/namespaces/{namespace}/triggers/{trigger}/actions/{action}/enable', {
              params: { path: { namespace: place.namespace, trigger, action } },
              body: { redeliver: false },
            }),
          )
        : take(
            api.POST('/api/v1/repositories/{name}/triggers/{trigger}/actions/{action}/enable', {
              params: { path: { name: place.repository, trigger, action } },
              body: { redeliver: false },
            }),
          ),
    onSuccess: () => queries.invalidateQueries({ queryKey: triggerKeys.all(place) }),
  });
}

export interface TagChoice {
  tag: string;
  /** Of which image, for a trigger of a namespace. */
  repository?: string;
}

export function useRunTrigger(place: TriggerPlace) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ trigger, ...body }: TagChoice & { trigger: string }) =>
      place.repository === undefined
        ? take(
            api.POST('/api/v1/namespaces/{namespace}/triggers/{trigger}/run', {
              params: { path: { namespace: place.namespace, trigger } },
              body,
            }),
          )
        : take(
            api.POST('/api/v1/repositories/{name}/triggers/{trigger}/run', {
              params: { path: { name: place.repository, trigger } },
              body: { tag: body.tag },
            }),
          ),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['deliveries'] }),
  });
}

/** Asks the cluster what a workload action would do; nothing is changed. */
export function useDryRun(repository: string) {
  return useMutation({
    mutationFn: ({ trigger, action, tag }: { trigger: string; action: string; tag: string }) =>
      take(
        api.POST('/api/v1/repositories/{name}/triggers/{trigger}/actions/{action}/dry-run', {
          params: { path: { name: repository, trigger, action } },
          body: { tag },
        }),
      ),
  });
}

/** What a condition chooses, by the server's own function; nothing is kept. */
export const trialQuery = (repository: string, condition: TriggerCondition, events: TriggerEvent[]) =>
  queryOptions({
    queryKey: ['trigger-trials', repository, condition, events],
    queryFn: ({ signal }) =>
      take(
        api.POST('/api/v1/repositories/{name}/trigger-trials', {
          params: { path: { name: repository } },
          body: { condition, events },
          signal,
        }),
      ),
    // It answers about the tags of this moment.
    staleTime: 0,
    retry: false,
  });
