// What `wharf.toml` may hold, with the values that hold; the few that administrators change here.
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import type { components } from './api.gen';
import { api, take } from './client';

export type Setting = components['schemas']['Setting'];
export type SettingsTrial = components['schemas']['SettingsTrial'];
export type SettingOrigin = components['schemas']['SettingOrigin'];
/** By key: a value as the environment would have it, or null to take back what was set here. */
export type SettingsChanges = components['schemas']['SettingsChanges']['changes'];

export const settingsQuery = queryOptions({
  queryKey: ['settings'],
  queryFn: ({ signal }) => take(api.GET('/api/v1/settings', { signal })),
});

/** Sends a mail by what is stored and these changes, which are not kept. Without a recipient it goes to the reader's own address. */
export const useTryMail = () =>
  useMutation({
    mutationFn: (trial: { changes: SettingsChanges; recipient?: string }) => take(api.POST('/api/v1/settings/mail-trials', { body: trial })),
  });

/** Asks the identity provider by what is stored and these changes, which are not kept. */
export const useTryProvider = () =>
  useMutation({
    mutationFn: (changes: SettingsChanges) => take(api.POST('/api/v1/settings/provider-trials', { body: { changes } })),
  });

/** All changes or none. */
export function useChangeSettings() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (changes: SettingsChanges) => take(api.PATCH('/api/v1/settings', { body: { changes } })),
    onSuccess: (settings) => queries.setQueryData(settingsQuery.queryKey, settings),
  });
}
