// The signed-in person's own account.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Language } from '@/app/language';
import { changeLanguage } from '@/app/words';
import { api, take } from './client';
import { type Session, sessionQuery } from './session';

/** The password of sign-in and of `docker login`; a wrong current one is refused. */
export function useChangePassword() {
  return useMutation({
    mutationFn: (change: { current_password: string; new_password: string }) =>
      api.POST('/api/v1/me/password', { body: change }),
  });
}

/** What somebody is called, and how they are reached. */
export function useEditMe() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (changes: { display_name: string; email: string }) => take(api.PATCH('/api/v1/me', { body: changes })),
    onSuccess: (user) => queries.setQueryData<Session>(sessionQuery.queryKey, (session) => session && { ...session, user }),
  });
}

/** Speaks the language at once; an account keeps it for all its browsers. */
export function useChooseLanguage() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (language: Language) => {
      await changeLanguage(language);
      if (!queries.getQueryData(sessionQuery.queryKey)?.user) return;
      await api.PATCH('/api/v1/me', { body: { language } });
      queries.setQueryData<Session>(sessionQuery.queryKey, (session) => session && { ...session, language });
    },
  });
}
