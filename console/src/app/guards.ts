// What stands before a page: who may see it at all. The server decides again with every request.
import type { QueryClient } from '@tanstack/react-query';
import { redirect } from '@tanstack/react-router';
import { sessionQuery } from '@/api/session';

export interface RouteContext {
  queries: QueryClient;
}

interface Arriving {
  context: RouteContext;
  location: { href: string; publicHref?: string };
}

/** `beforeLoad: requireUser` for pages that are of somebody: others are sent to sign in, and back. */
export async function requireUser({ context, location }: Arriving) {
  const { user, must_change_password: makesPassword } = await context.queries.ensureQueryData(sessionQuery);
  const next = location.publicHref ?? location.href;
  if (!user) throw redirect({ to: '/sign-in', search: { next } });
  if (makesPassword) throw redirect({ to: '/set-password', search: { next } });
}
