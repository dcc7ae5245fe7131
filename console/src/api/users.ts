// The accounts of an installation, for its administrators.
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import type { components } from './api.gen';
import { api, take } from './client';
import { PAGE_SIZE, pageQuery } from './page';

export type User = components['schemas']['User'];
export type NewUser = components['schemas']['NewUser'];
export type UserChanges = components['schemas']['UserChanges'];

export const userKeys = {
  all: ['users'] as const,
  list: (q?: string) => ['users', null, q] as const,
  one: (username: string) => ['users', username] as const,
};

export const usersQuery = (q?: string) =>
  pageQuery(userKeys.list(q), (after, signal) => take(api.GET('/api/v1/users', { params: { query: { q, limit: PAGE_SIZE, after } }, signal })));

export const userQuery = (username: string) =>
  queryOptions({
    queryKey: userKeys.one(username),
    queryFn: ({ signal }) => take(api.GET('/api/v1/users/{username}', { params: { path: { username } }, signal })),
  });

/** The answer has the password where the server made one, this once: it is not kept in the cache. */
export function useCreateUser() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: NewUser) => take(api.POST('/api/v1/users', { body })),
    onSuccess: () => queries.invalidateQueries({ queryKey: userKeys.all }),
    gcTime: 0,
  });
}

export function useEditUser(username: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: UserChanges) => take(api.PATCH('/api/v1/users/{username}', { params: { path: { username } }, body })),
    onSuccess: () => queries.invalidateQueries({ queryKey: userKeys.all }),
  });
}

/** Another password: the one that is given, or one that the server makes and the answer has this once. */
export function useResetPassword(username: string) {
  return useMutation({
    mutationFn: (password: string | undefined) =>
      take(api.POST('/api/v1/users/{username}/password', { params: { path: { username } }, body: { new_password: password } })),
    gcTime: 0,
  });
}

/** What goes with a user: what is in their own namespace too. */
export const userLossesQuery = (username: string) =>
  queryOptions({
    queryKey: [...userKeys.one(username), 'deletion'],
    queryFn: async ({ signal }) => {
      const { items } = await take(api.GET('/api/v1/users/{username}/deletion', { params: { path: { username } }, signal }));
      return items;
    },
    // What is listed is what will be lost, not what was there before.
    staleTime: 0,
  });

export function useDeleteUser() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (username: string) =>
      api.DELETE('/api/v1/users/{username}', { params: { path: { username }, query: { with_repositories: true } } }),
    onSuccess: (_, username) => {
      queries.removeQueries({ queryKey: userKeys.one(username) });
      return queries.invalidateQueries({ queryKey: userKeys.all });
    },
  });
}
