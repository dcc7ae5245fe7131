// The signed-in person's own account.
import { useMutation } from '@tanstack/react-query';
import { api } from './client';

/** The password of sign-in and of `docker login`; a wrong current one is refused. */
export function useChangePassword() {
  return useMutation({
    mutationFn: (change: { current_password: string; new_password: string }) =>
      api.POST('/api/v1/me/password', { body: change }),
  });
}
