// One search over what somebody may see.
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { components } from './api.gen';
import { api, take } from './client';

export type Found = components['schemas']['Found'];

/** Enough to choose from without scrolling far. */
const SHOWN = 20;

export const searchQuery = (q: string) =>
  queryOptions({
    queryKey: ['search', null, q],
    queryFn: async ({ signal }) => {
      const { items } = await take(api.GET('/api/v1/search', { params: { query: { q, limit: SHOWN } }, signal }));
      return items;
    },
    enabled: q !== '',
    placeholderData: keepPreviousData,
  });
