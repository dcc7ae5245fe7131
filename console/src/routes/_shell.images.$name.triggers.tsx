import { createFileRoute, Outlet } from '@tanstack/react-router';
import { requireUser } from '@/app/guards';
import { loadWords } from '@/app/words';

// Triggers are of members; nobody sees them without signing in.
export const Route = createFileRoute('/_shell/images/$name/triggers')({
  beforeLoad: requireUser,
  loader: () => loadWords('triggers'),
  component: Outlet,
});
