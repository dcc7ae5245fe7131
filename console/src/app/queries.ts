// One cache of what was read. The stream of events says when something is stale; nothing is polled.
import { QueryCache, QueryClient } from '@tanstack/react-query';
import { isProblem, UNREACHABLE } from '@/api/problem';

/** Between events a view may be this old (ms): shorter asks again on each step back, longer shows what a lost event missed. */
const STALE_AFTER = 30_000;

export const queries: QueryClient = new QueryClient({
  queryCache: new QueryCache({
    onError: (error, query) => {
      // What is gone by now, or not for this reader any more, is not shown on as if it were there: its page says so.
      const shown = query.state.data !== undefined && query.isActive();
      if (shown && isProblem(error, 'not_found', 'denied')) void queries.resetQueries({ queryKey: query.queryKey, exact: true });
    },
  }),
  defaultOptions: {
    queries: {
      staleTime: STALE_AFTER,
      // Only what may be gone in a moment is worth asking twice.
      retry: (failures, error) => failures < 2 && isProblem(error, UNREACHABLE, 'busy', 'too_many_requests'),
      networkMode: 'always',
      refetchOnWindowFocus: false,
    },
    mutations: { networkMode: 'always' },
  },
});
