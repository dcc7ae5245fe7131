// Members of a namespace: who has which role in it.
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import type { components } from './api.gen';
import { api, take } from './client';
import { namespaceKeys } from './namespaces';
import { PAGE_SIZE, pageQuery } from './page';

export type Member = components['schemas']['Member'];
export type MemberRole = components['schemas']['MemberRole'];

const memberKeys = (namespace: string) => ['members', namespace] as const;

/** Those whose login name contains `q`; all of them without it. */
export const membersQuery = (namespace: string, q?: string) =>
  pageQuery([...memberKeys(namespace), { q }], (after, signal) =>
    take(
      api.GET('/api/v1/namespaces/{namespace}/members', {
        params: { path: { namespace }, query: { q, limit: PAGE_SIZE, after } },
        signal,
      }),
    ),
  );

/** One of them, wherever the list has them. */
export const memberQuery = (namespace: string, username: string) =>
  queryOptions({
    queryKey: [...memberKeys(namespace), username],
    queryFn: ({ signal }) =>
      take(api.GET('/api/v1/namespaces/{namespace}/members/{username}', { params: { path: { namespace, username } }, signal })),
  });

/** Gives somebody a role, or another one. */
export function useSetMember(namespace: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ username, role }: { username: string; role: MemberRole }) =>
      take(
        api.PUT('/api/v1/namespaces/{namespace}/members/{username}', {
          params: { path: { namespace, username } },
          body: { role },
        }),
      ),
    onSuccess: () =>
      Promise.all([
        queries.invalidateQueries({ queryKey: memberKeys(namespace) }),
        // One's own role says what the namespace's pages show.
        queries.invalidateQueries({ queryKey: namespaceKeys.one(namespace) }),
      ]),
  });
}

export function useRemoveMember(namespace: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (username: string) =>
      api.DELETE('/api/v1/namespaces/{namespace}/members/{username}', { params: { path: { namespace, username } } }),
    onSuccess: () => queries.invalidateQueries({ queryKey: memberKeys(namespace) }),
  });
}
