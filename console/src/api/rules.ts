// Rules of an image: what shall be built of which repository on a code host, and under which names.
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import type { components } from './api.gen';
import { buildKeys } from './builds';
import { api, take } from './client';
import { PAGE_SIZE, pageQuery } from './page';
import { repositoryKeys } from './repositories';

export type Rule = components['schemas']['Rule'];
export type Definition = components['schemas']['Definition'];
export type Naming = components['schemas']['Naming'];
export type NamingLine = components['schemas']['NamingLine'];
export type NewRule = components['schemas']['NewRule'];
/** What is left out stays; the generated type wants all of a definition. */
export type RuleChanges = Omit<components['schemas']['RuleChanges'], 'definition'> & { definition?: Partial<Definition> };
export type Decision = components['schemas']['Decision'];
export type Trial = components['schemas']['Trial'];
export type Link = components['schemas']['Link'];
export type TriggerUrl = components['schemas']['TriggerUrl'];

export const ruleKeys = {
  all: (name: string) => ['rules', name] as const,
  one: (name: string, rule: string) => ['rules', name, rule] as const,
};

export const rulesQuery = (name: string) =>
  queryOptions({
    queryKey: ruleKeys.all(name),
    queryFn: async ({ signal }) => {
      const { items } = await take(
        api.GET('/api/v1/repositories/{name}/rules', { params: { path: { name }, query: { limit: PAGE_SIZE } }, signal }),
      );
      return items;
    },
  });

export const ruleQuery = (name: string, rule: string) =>
  queryOptions({
    queryKey: ruleKeys.one(name, rule),
    queryFn: ({ signal }) =>
      take(api.GET('/api/v1/repositories/{name}/rules/{rule}', { params: { path: { name, rule } }, signal })),
  });

export const decisionsQuery = (name: string, rule: string) =>
  pageQuery([...ruleKeys.one(name, rule), 'decisions'], (after, signal) =>
    take(
      api.GET('/api/v1/repositories/{name}/rules/{rule}/decisions', {
        params: { path: { name, rule }, query: { limit: PAGE_SIZE, after } },
        signal,
      }),
    ),
  );

function useTouched(name: string) {
  const queries = useQueryClient();
  return () => queries.invalidateQueries({ queryKey: ruleKeys.all(name) });
}

export function useCreateRule(name: string) {
  const touched = useTouched(name);
  return useMutation({
    mutationFn: (rule: NewRule) =>
      take(api.POST('/api/v1/repositories/{name}/rules', { params: { path: { name } }, body: rule })),
    onSuccess: touched,
  });
}

export function useEditRule(name: string, rule: string) {
  const touched = useTouched(name);
  return useMutation({
    mutationFn: (changes: RuleChanges) =>
      take(
        api.PATCH('/api/v1/repositories/{name}/rules/{rule}', { params: { path: { name, rule } }, body: changes as components['schemas']['RuleChanges'] }),
      ),
    onSuccess: touched,
  });
}

export function useDeleteRule(name: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (rule: string) =>
      api.DELETE('/api/v1/repositories/{name}/rules/{rule}', { params: { path: { name, rule } } }),
    onSuccess: (_, rule) => {
      queries.removeQueries({ queryKey: ruleKeys.one(name, rule) });
      return Promise.all([
        queries.invalidateQueries({ queryKey: ruleKeys.all(name) }),
        queries.invalidateQueries({ queryKey: buildKeys.all(name) }),
      ]);
    },
  });
}

/** The image and its first rule in one step. */
export function useCreateFromGit() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (made: components['schemas']['NewRepositoryFromGit']) =>
      take(api.POST('/api/v1/repositories-from-git', { body: made })),
    onSuccess: () => queries.invalidateQueries({ queryKey: repositoryKeys.all }),
  });
}

/** Builds what the rule chooses of the branches and tags that are there now. */
export function useBuildHeads(name: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (rule: string) =>
      take(
        api.POST('/api/v1/repositories/{name}/rules/{rule}/heads', { params: { path: { name, rule } }, body: {} }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: buildKeys.all(name) }),
  });
}

export const setSecret = (name: string, rule: string, secret: string, value: string) =>
  api.PUT('/api/v1/repositories/{name}/rules/{rule}/secrets/{secret}', {
    params: { path: { name, rule, secret } },
    body: { value },
  });

export const deleteSecret = (name: string, rule: string, secret: string) =>
  api.DELETE('/api/v1/repositories/{name}/rules/{rule}/secrets/{secret}', { params: { path: { name, rule, secret } } });

/** What a naming makes of a branch or tag; the server's own function, nothing is saved. */
export const previewNaming = (preview: components['schemas']['NewPreview'], signal?: AbortSignal) =>
  take(api.POST('/api/v1/naming-previews', { body: preview, signal }));

export function useTryRule(name: string) {
  return useMutation({
    mutationFn: (trial: components['schemas']['NewTrial']) =>
      take(api.POST('/api/v1/repositories/{name}/rule-trials', { params: { path: { name } }, body: trial })),
  });
}

export const triggerUrlsQuery = (name: string, rule: string) =>
  queryOptions({
    queryKey: [...ruleKeys.one(name, rule), 'trigger-urls'],
    queryFn: async ({ signal }) => {
      const { items } = await take(
        api.GET('/api/v1/repositories/{name}/rules/{rule}/trigger-urls', {
          params: { path: { name, rule }, query: { limit: PAGE_SIZE } },
          signal,
        }),
      );
      return items;
    },
  });

export function useTriggerUrls(name: string, rule: string) {
  const queries = useQueryClient();
  const touched = () => queries.invalidateQueries({ queryKey: [...ruleKeys.one(name, rule), 'trigger-urls'] });
  const create = useMutation({
    mutationFn: (url: string) =>
      take(
        api.POST('/api/v1/repositories/{name}/rules/{rule}/trigger-urls', {
          params: { path: { name, rule } },
          body: { name: url },
        }),
      ),
    onSuccess: touched,
  });
  const revoke = useMutation({
    mutationFn: (id: string) =>
      api.DELETE('/api/v1/repositories/{name}/rules/{rule}/trigger-urls/{id}', { params: { path: { name, rule, id } } }),
    onSuccess: touched,
  });
  return { create, revoke };
}

export const linkKeys = { all: (name: string) => ['links', name] as const };

export const linksQuery = (name: string) =>
  queryOptions({
    queryKey: linkKeys.all(name),
    queryFn: async ({ signal }) => {
      const { items } = await take(
        api.GET('/api/v1/repositories/{name}/links', { params: { path: { name }, query: { limit: PAGE_SIZE } }, signal }),
      );
      return items;
    },
  });

export function useLinks(name: string) {
  const queries = useQueryClient();
  const touched = () => queries.invalidateQueries({ queryKey: linkKeys.all(name) });
  const create = useMutation({
    mutationFn: (link: components['schemas']['NewLink']) =>
      take(api.POST('/api/v1/repositories/{name}/links', { params: { path: { name } }, body: link })),
    onSuccess: touched,
  });
  const change = useMutation({
    mutationFn: ({ id, active }: { id: string; active: boolean }) =>
      api.PATCH('/api/v1/repositories/{name}/links/{id}', { params: { path: { name, id } }, body: { active } }),
    onSuccess: touched,
  });
  const remove = useMutation({
    mutationFn: (id: string) =>
      api.DELETE('/api/v1/repositories/{name}/links/{id}', { params: { path: { name, id } } }),
    onSuccess: touched,
  });
  return { create, change, remove };
}
