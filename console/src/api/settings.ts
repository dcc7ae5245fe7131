// What `wharf.toml` may hold, with the values that hold; the few that administrators change here.
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import type { components } from './api.gen';
import { api, take } from './client';

export type Setting = components['schemas']['Setting'];
export type SettingOrigin = components['schemas']['SettingOrigin'];
/** By key: a value as the environment would have it, or null to take back what was set here. */
export type SettingsChanges = components['schemas']['SettingsChanges']['changes'];

export const settingsQuery = queryOptions({
  queryKey: ['settings'],
  queryFn: ({ signal }) => take(api.GET('/api/v1/settings', { signal })),
});

/** All changes or none. */
export function useChangeSettings() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (changes: SettingsChanges) => take(api.PATCH('/api/v1/settings', { body: { changes } })),
    onSuccess: (settings) => queries.setQueryData(settingsQuery.queryKey, settings),
  });
}
