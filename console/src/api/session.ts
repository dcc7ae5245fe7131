// Who is signed in in this browser, and what the sign-in page must know before anybody is.
import { queryOptions, useMutation, useQueryClient, useSuspenseQuery } from '@tanstack/react-query';
import { changeLanguage } from '@/app/words';
import { readChosenLanguage } from '@/app/language';
import { send } from './client';

export interface SignedInUser {
  id: string;
  username: string;
  display_name: string;
  admin: boolean;
}

export interface Session {
  user: SignedInUser | null;
  /** What the person chose for all their browsers. */
  language: 'zh' | 'en' | null;
  /** The server made the present password: its owner has to choose another first. */
  must_change_password: boolean;
  /** The name of the provider that people may sign in with instead. */
  oidc?: { name: string } | null;
  /** The operator allowed sign-ins over a connection that anybody can read. */
  insecure: boolean;
  /** False where the browser would drop the session's cookie. */
  login_possible: boolean;
  /** Whether there are pages for people who did not sign in. */
  public_images: boolean;
  version: string;
  /** What stands before the slash in an image's name. */
  address: string;
}

const keys = ['session'] as const;

export const sessionQuery = queryOptions({
  queryKey: keys,
  queryFn: async ({ signal }): Promise<Session> => (await send('/api/v1/session', { signal })).json(),
  staleTime: Infinity,
});

export const useSession = () => useSuspenseQuery(sessionQuery).data;

export function useSignIn() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (login: { username: string; password: string }) => {
      await send('/api/v1/session', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(login),
      });
      // What an anonymous reader saw is not what this one sees.
      queries.removeQueries({ predicate: (query) => query.queryKey[0] !== keys[0] });
      const session = await queries.fetchQuery({ ...sessionQuery, staleTime: 0 });
      if (session.language && !readChosenLanguage()) await changeLanguage(session.language);
      return session;
    },
  });
}

export function useSignOut() {
  return useMutation({
    mutationFn: () => send('/api/v1/session', { method: 'DELETE' }),
    // A fresh page: nothing that was read stays in memory.
    onSuccess: () => window.location.assign('/sign-in'),
  });
}
