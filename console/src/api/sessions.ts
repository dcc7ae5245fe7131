// Where the signed-in person is signed in: browsers, this one among them.
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import type { components } from './api.gen';
import { api, take } from './client';

export type OwnSession = components['schemas']['OwnSession'];

const keys = ['sessions'] as const;

export const ownSessionsQuery = queryOptions({
  queryKey: keys,
  queryFn: async ({ signal }) => (await take(api.GET('/api/v1/me/sessions', { signal }))).items,
});

/** One after the other; what ended stays ended where a later one fails. */
export function useEndSessions() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (ended: readonly OwnSession[]) => {
      for (const { id } of ended) await api.DELETE('/api/v1/me/sessions/{session}', { params: { path: { session: id } } });
    },
    onSettled: () => queries.invalidateQueries({ queryKey: keys }),
  });
}
