// How repositories tell of pushes: the webhooks of a source, what code hosts say of them and what came in.
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import type { components } from './api.gen';
import { api, take } from './client';
import { PAGE_SIZE, pageQuery } from './page';
import { sourceKeys } from './sources';

export type Webhook = components['schemas']['Webhook'];
export type WebhookState = components['schemas']['WebhookState'];
export type HostAttempt = components['schemas']['Attempt'];
export type ReceivedDelivery = components['schemas']['Page_Delivery']['items'][number];

const webhookKeys = {
  all: (source: string) => [...sourceKeys.one(source), 'webhooks'] as const,
  one: (source: string, webhook: string) => [...webhookKeys.all(source), webhook] as const,
};

/** By repository. */
export const webhooksQuery = (source: string) =>
  pageQuery([...webhookKeys.all(source), null], (after, signal) =>
    take(api.GET('/api/v1/sources/{source}/webhooks', { params: { path: { source }, query: { limit: PAGE_SIZE, after } }, signal })),
  );

/** One of them, wherever the list has it. */
export const webhookQuery = (source: string, webhook: string) =>
  queryOptions({
    queryKey: webhookKeys.one(source, webhook),
    queryFn: ({ signal }) => take(api.GET('/api/v1/sources/{source}/webhooks/{webhook}', { params: { path: { source, webhook } }, signal })),
  });

/** What the code host says of its last attempts; null where its API does not tell. */
export const hostAttemptsQuery = (source: string, webhook: string) =>
  queryOptions({
    queryKey: [...webhookKeys.one(source, webhook), 'attempts'],
    queryFn: async ({ signal }) => {
      const { items } = await take(
        api.GET('/api/v1/sources/{source}/webhooks/{webhook}/attempts', { params: { path: { source, webhook } }, signal }),
      );
      return items;
    },
    // It is asked by somebody who looks for what went wrong: never from memory.
    staleTime: 0,
  });

/** What came in, newest first; of the first page alone: older ones say nothing about how it is now. */
export const receivedQuery = (source: string, webhook: string) =>
  queryOptions({
    queryKey: [...webhookKeys.one(source, webhook), 'deliveries'],
    queryFn: async ({ signal }) => {
      const { items } = await take(
        api.GET('/api/v1/sources/{source}/webhooks/{webhook}/deliveries', {
          params: { path: { source, webhook }, query: { limit: SHOWN } },
          signal,
        }),
      );
      return items;
    },
    staleTime: 0,
  });

/** Deliveries that are shown: fewer miss the last push, more are not read. */
const SHOWN = 20;

/** Has a webhook compared with what it should be and mended at once. */
export function useRepairWebhook(source: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (webhook: string) =>
      take(
        api.POST('/api/v1/sources/{source}/webhooks/{webhook}/repair', { params: { path: { source, webhook } }, body: {} }),
      ),
    onSettled: () => queries.invalidateQueries({ queryKey: webhookKeys.all(source) }),
  });
}

/** Another secret. A code host is told by the server; of plain git the answer has the line for the repository, this once. */
export function useRotateWebhookSecret(source: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (webhook: string) =>
      take(
        api.POST('/api/v1/sources/{source}/webhooks/{webhook}/secret', { params: { path: { source, webhook } }, body: {} }),
      ),
    onSettled: () => queries.invalidateQueries({ queryKey: webhookKeys.all(source) }),
  });
}
