import { createFileRoute, Outlet } from '@tanstack/react-router';
import { requireUser } from '@/app/guards';
import { loadWords } from '@/app/words';

export const Route = createFileRoute('/_shell/clusters')({
  beforeLoad: requireUser,
  loader: () => loadWords('clusters'),
  component: Outlet,
});
