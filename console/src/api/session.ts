// Who is signed in in this browser, and what the sign-in page must know before anybody is.
import { queryOptions, useMutation, useQueryClient, useSuspenseQuery } from '@tanstack/react-query';
import { changeLanguage } from '@/app/words';
import { readChosenLanguage } from '@/app/language';
import type { components } from './api.gen';
import { api, take } from './client';
import { isProblem } from './problem';

export type Session = components['schemas']['Session'];
/** Something that somebody may do, as `may` of each answer lists it. */
export type Verb = components['schemas']['Verb'];
export type SignedInUser = NonNullable<Session['user']>;

const keys = ['session'] as const;

export const sessionQuery = queryOptions({
  queryKey: keys,
  queryFn: ({ signal }) => take(api.GET('/api/v1/session', { signal })),
  staleTime: Infinity,
});

export const useSession = () => useSuspenseQuery(sessionQuery).data;

export function useSignIn() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (login: { username: string; password: string }) => {
      await take(api.POST('/api/v1/session', { body: login }));
      // What an anonymous reader saw is not what this one sees.
      queries.removeQueries({ predicate: (query) => query.queryKey[0] !== keys[0] });
      const session = await queries.fetchQuery({ ...sessionQuery, staleTime: 0 });
      if (session.language && !readChosenLanguage()) await changeLanguage(session.language);
      return session;
    },
  });
}

/** Asks whether somebody signed in again elsewhere in this browser; what is shown here stays until then. */
export function useResumeSession() {
  const queries = useQueryClient();
  return async (): Promise<'nobody' | 'same' | 'other'> => {
    const before = queries.getQueryData(keys) as Session | undefined;
    const now = await take(api.GET('/api/v1/session'));
    if (!now.user) return 'nobody';
    if (now.user.username !== before?.user?.username) return 'other';
    queries.setQueryData(keys, now);
    return 'same';
  };
}

export function useSignOut() {
  return useMutation({
    mutationFn: async () => {
      try {
        await api.DELETE('/api/v1/session');
      } catch (error) {
        // It was over already.
        if (!isProblem(error, 'unauthenticated')) throw error;
      }
    },
    // A fresh page: nothing that was read stays in memory.
    onSuccess: () => window.location.assign('/sign-in'),
  });
}
