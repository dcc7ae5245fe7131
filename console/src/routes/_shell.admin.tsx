import { createFileRoute, Outlet } from '@tanstack/react-router';
import { requireUser } from '@/app/guards';
import { loadWords } from '@/app/words';

// Who is no administrator is told so by the server, by whatever a tab reads first.
export const Route = createFileRoute('/_shell/admin')({
  beforeLoad: requireUser,
  loader: () => loadWords('admin'),
  component: Outlet,
});
