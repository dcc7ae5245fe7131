// The versions of an image: its tags, and what their digests name.
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import type { components, operations } from './api.gen';
import { api, take } from './client';
import { PAGE_SIZE, pageQuery } from './page';
import { repositoryKeys } from './repositories';

export type Version = components['schemas']['Tag'];
/** A version with what is in it, found by a tag or by its digest. */
export type VersionDetail = Omit<components['schemas']['TagDetail'], 'name'> & {
  /** Of one that was found by its digest: the tags that name it. */
  tags?: string[];
};
export type Comparison = components['schemas']['Comparison'];
export type Referrer = components['schemas']['Referrer'];
export type VersionSort = NonNullable<NonNullable<operations['list_tags']['parameters']['query']>['sort']>;

export interface VersionFilter {
  q?: string;
  platform?: string;
  sort?: VersionSort;
}

export const versionKeys = {
  all: (name: string) => ['versions', name] as const,
  one: (name: string, tag: string) => ['versions', name, tag] as const,
};

export const versionsQuery = (name: string, filter: VersionFilter) =>
  pageQuery([...versionKeys.all(name), null, filter], (after, signal) =>
    take(
      api.GET('/api/v1/repositories/{name}/tags', {
        params: { path: { name }, query: { ...filter, limit: PAGE_SIZE, after } },
        signal,
      }),
    ),
  );

/** A tag has no colon, a digest has one. */
export const isDigest = (reference: string) => reference.includes(':');

export const versionQuery = (name: string, reference: string) =>
  queryOptions({
    queryKey: versionKeys.one(name, reference),
    queryFn: ({ signal }): Promise<VersionDetail> =>
      isDigest(reference)
        ? take(
            api.GET('/api/v1/repositories/{name}/manifests/{digest}', {
              params: { path: { name, digest: reference } },
              signal,
            }),
          )
        : take(
            api.GET('/api/v1/repositories/{name}/tags/{tag}', { params: { path: { name, tag: reference } }, signal }),
          ),
  });

export const referrersQuery = (name: string, digest: string) =>
  pageQuery([...versionKeys.one(name, digest), 'referrers'], (after, signal) =>
    take(
      api.GET('/api/v1/repositories/{name}/manifests/{digest}/referrers', {
        params: { path: { name, digest }, query: { limit: PAGE_SIZE, after } },
        signal,
      }),
    ),
  );

/** Two versions side by side: only what differs. */
export const comparisonQuery = (name: string, a: string, b: string, platform?: string) =>
  queryOptions({
    queryKey: [...versionKeys.all(name), 'comparison', a, b, platform],
    queryFn: ({ signal }) =>
      take(
        api.GET('/api/v1/repositories/{name}/compare', {
          params: { path: { name }, query: { a, b, platform } },
          signal,
        }),
      ),
  });

/** So many tags the server deletes at once. */
const DELETED_AT_ONCE = 1_000;

/** Deletes tags, however many; what they named stays. Where it fails between, those before it are gone. */
export function useDeleteVersions(name: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (tags: string[]) => {
      for (let begin = 0; begin < tags.length; begin += DELETED_AT_ONCE) {
        const some = tags.slice(begin, begin + DELETED_AT_ONCE);
        await take(api.POST('/api/v1/repositories/{name}/tag-deletions', { params: { path: { name } }, body: { tags: some } }));
      }
    },
    onSettled: () =>
      Promise.all([
        queries.invalidateQueries({ queryKey: versionKeys.all(name) }),
        queries.invalidateQueries({ queryKey: repositoryKeys.one(name) }),
      ]),
  });
}
