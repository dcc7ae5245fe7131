// What triggers did: a line for each action of each event, with its attempts.
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import type { components } from './api.gen';
import { api, take } from './client';
import { PAGE_SIZE, pageQuery } from './page';
import { placeKey, type TriggerPlace } from './triggers';

export type Delivery = components['schemas']['TriggerDelivery'];
export type WholeDelivery = components['schemas']['WholeDelivery'];
export type Attempt = components['schemas']['TriggerAttempt'];
export type RolloutProgress = components['schemas']['RolloutProgress'];

export interface DeliveryFilter {
  trigger?: string;
  state?: string;
  tag?: string;
}

export const deliveryKeys = {
  all: ['deliveries'] as const,
  of: (place: TriggerPlace) => ['deliveries', placeKey(place)] as const,
  one: (repository: string, id: string) => ['deliveries', repository, id] as const,
};

const listDeliveries = (place: TriggerPlace, query: DeliveryFilter & { limit: number; after?: string }, signal: AbortSignal) =>
  place.repository === undefined
    ? take(
        api.GET('/api/v1/namespaces/{namespace}/trigger-deliveries', {
          params: { path: { namespace: place.namespace }, query },
          signal,
        }),
      )
    : take(
        api.GET('/api/v1/repositories/{name}/trigger-deliveries', {
          params: { path: { name: place.repository }, query },
          signal,
        }),
      );

export const deliveriesQuery = (place: TriggerPlace, filter: DeliveryFilter) =>
  pageQuery([...deliveryKeys.of(place), null, filter], (after, signal) =>
    listDeliveries(place, { ...filter, limit: PAGE_SIZE, after }, signal),
  );

export const deliveryQuery = (repository: string, delivery: string) =>
  queryOptions({
    queryKey: deliveryKeys.one(repository, delivery),
    queryFn: ({ signal }) =>
      take(
        api.GET('/api/v1/repositories/{name}/trigger-deliveries/{delivery}', {
          params: { path: { name: repository, delivery } },
          signal,
        }),
      ),
  });

/** Sends what is over again, under the same id, or calls off what is not over. */
export function useDeliveryAct(repository: string, act: 'redeliver' | 'cancel') {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (delivery: string) =>
      take(
        api.POST(`/api/v1/repositories/{name}/trigger-deliveries/{delivery}/${act}`, {
          params: { path: { name: repository, delivery } },
          body: {},
        }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: deliveryKeys.all }),
  });
}

/** The topic that tells of them. A namespace has none: its triggers answer to what happens to its images. */
export const deliveryTopic = (place: TriggerPlace) => (place.repository === undefined ? 'activity' : `deliveries:${place.repository}`);
