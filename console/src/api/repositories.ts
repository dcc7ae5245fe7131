// Images: the list, one of them, and what changes them. The pattern for the modules beside it:
// keys are [resource, name, parameters], so that one event invalidates what it touched.
import { type InfiniteData, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import type { components, operations } from './api.gen';
import { api, take } from './client';
import { PAGE_SIZE, type Page, pageQuery } from './page';

export type Repository = components['schemas']['Repository'];
export type Losses = components['schemas']['Dependents'][];

export interface RepositoryFilter {
  q?: string;
  namespace?: string;
  /** Those of one's own namespaces alone. */
  member?: boolean;
  favourite?: boolean;
  type?: 'public' | 'private';
  sort?: RepositorySort;
}

export type RepositorySort = NonNullable<NonNullable<operations['list_repositories']['parameters']['query']>['sort']>;

export const repositoryKeys = {
  all: ['repositories'] as const,
  lists: ['repositories', null] as const,
  one: (name: string) => ['repositories', name] as const,
};

export const repositoriesQuery = (filter: RepositoryFilter) =>
  pageQuery([...repositoryKeys.lists, filter], (after, signal) =>
    take(
      api.GET('/api/v1/repositories', {
        params: { query: { ...filter, brief: true, limit: PAGE_SIZE, after } },
        signal,
      }),
    ),
  );

export const repositoryQuery = (name: string) =>
  queryOptions({
    queryKey: repositoryKeys.one(name),
    queryFn: ({ signal }) => take(api.GET('/api/v1/repositories/{name}', { params: { path: { name } }, signal })),
  });

/** What would be lost with it; asked when somebody is about to delete it. */
export const repositoryLossesQuery = (name: string) =>
  queryOptions({
    queryKey: [...repositoryKeys.one(name), 'deletion'],
    queryFn: async ({ signal }) => {
      const { items } = await take(
        api.GET('/api/v1/repositories/{name}/deletion', { params: { path: { name } }, signal }),
      );
      return items;
    },
    // It is asked for a decision: never from memory.
    staleTime: 0,
    gcTime: 0,
  });

export function useCreateRepository() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (made: components['schemas']['NewRepository']) => take(api.POST('/api/v1/repositories', { body: made })),
    onSuccess: () => queries.invalidateQueries({ queryKey: repositoryKeys.all }),
  });
}

/** Changes the parts of `changes`; what it leaves out stays. */
export function useUpdateRepository(name: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (changes: components['schemas']['RepositoryChanges']) =>
      take(api.PATCH('/api/v1/repositories/{name}', { params: { path: { name } }, body: changes })),
    onSuccess: (changed) => {
      queries.setQueryData(repositoryKeys.one(name), changed);
      return Promise.all([
        queries.invalidateQueries({ queryKey: repositoryKeys.lists }),
        queries.invalidateQueries({ queryKey: readmeQuery(name).queryKey }),
      ]);
    },
  });
}

export function useDeleteRepository() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (name: string) => api.DELETE('/api/v1/repositories/{name}', { params: { path: { name } } }),
    onSuccess: (_, name) => {
      queries.removeQueries({ queryKey: repositoryKeys.one(name) });
      return queries.invalidateQueries({ queryKey: repositoryKeys.lists });
    },
  });
}

/** Shown before the server agreed; taken back when it did not. */
export function useFavorite() {
  const queries = useQueryClient();
  const mark = (name: string, favorite: boolean) => {
    queries.setQueriesData<InfiniteData<Page<Repository>>>({ queryKey: repositoryKeys.lists }, (data) =>
      data && {
        ...data,
        pages: data.pages.map((page) => ({
          ...page,
          items: page.items.map((item) => (item.name === name ? { ...item, favorite } : item)),
        })),
      },
    );
    queries.setQueryData<Repository>(repositoryKeys.one(name), (item) => item && { ...item, favorite });
  };
  return useMutation({
    mutationFn: ({ name, favorite }: { name: string; favorite: boolean }) => {
      const params = { path: { name } };
      return favorite
        ? api.PUT('/api/v1/repositories/{name}/favorite', { params })
        : api.DELETE('/api/v1/repositories/{name}/favorite', { params });
    },
    onMutate: ({ name, favorite }) => mark(name, favorite),
    onError: (_, { name, favorite }) => mark(name, !favorite),
  });
}

export type Readme = components['schemas']['Readme'];

/** The full description as the server renders it. */
export const readmeQuery = (name: string) =>
  queryOptions({
    queryKey: [...repositoryKeys.one(name), 'readme'],
    queryFn: ({ signal }) => take(api.GET('/api/v1/repositories/{name}/readme', { params: { path: { name } }, signal })),
  });

/** What Markdown will look like; nothing is kept. */
export const markdownPreviewQuery = (markdown: string) =>
  queryOptions({
    queryKey: ['markdown-previews', null, markdown],
    queryFn: async ({ signal }) => {
      const { html } = await take(api.POST('/api/v1/markdown-previews', { body: { markdown }, signal }));
      return html;
    },
    staleTime: Number.POSITIVE_INFINITY,
    // It is of a text that changes with each look.
    gcTime: 60_000,
  });
