// The signed-in person's accounts on code hosts, and what can be seen there.
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import type { components } from './api.gen';
import { api, take } from './client';
import { PAGE_SIZE, pageQuery } from './page';

export type Source = components['schemas']['Source'];
export type SourceKind = components['schemas']['Kind'];
export type NewSource = components['schemas']['NewSource'];
export type ConnectedSource = components['schemas']['ConnectedSource'];
export type DeviceLogin = components['schemas']['DeviceLogin'];
export type SourceUse = components['schemas']['SourceUse'];
export type Removal = components['schemas']['Page_Removal']['items'][number];
export type RemoteOwner = components['schemas']['RemoteOwner'];
export type RemoteRepository = components['schemas']['RemoteRepository'];

export const sourceKeys = {
  all: ['sources'] as const,
  lists: ['sources', null] as const,
  one: (id: string) => ['sources', id] as const,
};

const removalsKey = ['removals'];

export const sourcesQuery = () =>
  pageQuery(sourceKeys.lists, (after, signal) =>
    take(api.GET('/api/v1/sources', { params: { query: { limit: PAGE_SIZE, after } }, signal })),
  );

export const sourceQuery = (source: string) =>
  queryOptions({
    queryKey: sourceKeys.one(source),
    queryFn: ({ signal }) => take(api.GET('/api/v1/sources/{source}', { params: { path: { source } }, signal })),
  });

/** The rules that fetch with it, and stop when it is disconnected. */
export const sourceRulesQuery = (source: string) =>
  queryOptions({
    queryKey: [...sourceKeys.one(source), 'rules'],
    queryFn: async ({ signal }) => {
      const { items } = await take(api.GET('/api/v1/sources/{source}/rules', { params: { path: { source } }, signal }));
      return items;
    },
    staleTime: 0,
  });

export const ownersQuery = (source: string) =>
  queryOptions({
    queryKey: [...sourceKeys.one(source), 'owners'],
    queryFn: async ({ signal }) => {
      const { items } = await take(
        api.GET('/api/v1/sources/{source}/owners', { params: { path: { source }, query: { limit: PAGE_SIZE } }, signal }),
      );
      return items;
    },
  });

export interface RemoteFilter {
  owner?: string;
  owner_kind?: 'person' | 'group';
  visibility?: 'public' | 'private';
  q?: string;
}

export const remoteRepositoriesQuery = (source: string, filter: RemoteFilter) =>
  queryOptions({
    queryKey: [...sourceKeys.one(source), 'repositories', filter],
    queryFn: async ({ signal }) => {
      const { items } = await take(
        api.GET('/api/v1/sources/{source}/repositories', {
          params: { path: { source }, query: { ...filter, limit: PAGE_SIZE } },
          signal,
        }),
      );
      return items;
    },
  });

/** Branches and tags of a repository there, as a form suggests them. */
export const remoteRefsQuery = (source: string, remote: string, kind: 'branches' | 'tags') =>
  queryOptions({
    queryKey: [...sourceKeys.one(source), 'refs', remote, kind],
    queryFn: async ({ signal }) => {
      const params = { path: { source, remote }, query: { limit: PAGE_SIZE } };
      const page =
        kind === 'branches'
          ? await take(api.GET('/api/v1/sources/{source}/repositories/{remote}/branches', { params, signal }))
          : await take(api.GET('/api/v1/sources/{source}/repositories/{remote}/tags', { params, signal }));
      return page.items;
    },
  });

function useTouched() {
  const queries = useQueryClient();
  return () => queries.invalidateQueries({ queryKey: sourceKeys.all });
}

export function useConnectSource() {
  const touched = useTouched();
  return useMutation({
    mutationFn: (made: NewSource) => take(api.POST('/api/v1/sources', { body: made })),
    onSuccess: touched,
  });
}

export function useEditSource(source: string) {
  const touched = useTouched();
  return useMutation({
    mutationFn: (changes: components['schemas']['SourceChanges']) =>
      take(api.PATCH('/api/v1/sources/{source}', { params: { path: { source } }, body: changes })),
    onSuccess: touched,
  });
}

export function useCheckSource() {
  const touched = useTouched();
  return useMutation({
    mutationFn: (source: string) =>
      take(api.POST('/api/v1/sources/{source}/check', { params: { path: { source } }, body: {} })),
    onSuccess: touched,
  });
}

export function useDisconnectSource() {
  const queries = useQueryClient();
  const touched = useTouched();
  return useMutation({
    mutationFn: (source: string) =>
      // Whoever confirmed has seen which rules stop.
      api.DELETE('/api/v1/sources/{source}', { params: { path: { source }, query: { force: true } } }),
    onSuccess: () => Promise.all([touched(), queries.invalidateQueries({ queryKey: removalsKey })]),
  });
}

/** What the server tries again by itself is looked at so often (ms): its first waits are half a minute. */
const REMOVING = 15_000;

/** What is still to be removed at code hosts; administrators see everybody's. */
export const removalsQuery = () => ({
  ...pageQuery(removalsKey, (after, signal) => take(api.GET('/api/v1/removals', { params: { query: { limit: PAGE_SIZE, after } }, signal }))),
  refetchInterval: ({ state }: { state: { data?: { pages: { items: Removal[] }[] } } }) =>
    state.data?.pages.some((page) => page.items.some((removal) => !removal.given_up)) ? REMOVING : (false as const),
});

export function useDismissRemoval() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (removal: string) => api.DELETE('/api/v1/removals/{removal}', { params: { path: { removal } } }),
    onSettled: () => queries.invalidateQueries({ queryKey: removalsKey }),
  });
}

export const startDeviceLogin = (address?: string) => take(api.POST('/api/v1/device-logins', { body: { kind: 'github', address } }));

export const pollDeviceLogin = (login: string, signal: AbortSignal) =>
  take(api.POST('/api/v1/device-logins/{login}/poll', { params: { path: { login } }, body: {}, signal }));

export const cancelDeviceLogin = (login: string) =>
  api.DELETE('/api/v1/device-logins/{login}', { params: { path: { login } } });

/** Where this browser goes to sign in at GitHub; the return is good in this session alone. */
export const startWebLogin = (address?: string) => take(api.POST('/api/v1/web-logins', { body: { kind: 'github', address } }));

export const finishWebLogin = (state: string, code: string) => take(api.POST('/api/v1/web-logins/finish', { body: { state, code } }));
