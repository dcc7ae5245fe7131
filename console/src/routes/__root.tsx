import { createRootRouteWithContext, Outlet } from '@tanstack/react-router';
import { sessionQuery } from '@/api/session';
import type { RouteContext } from '@/app/guards';

export const Route = createRootRouteWithContext<RouteContext>()({
  // Every page needs to know who is there.
  loader: ({ context }) => context.queries.ensureQueryData(sessionQuery),
  component: Outlet,
});
