import { createFileRoute, Outlet } from '@tanstack/react-router';
import { requireMay } from '@/app/guards';
import { loadWords } from '@/app/words';

// Who may not see triggers is told so before a tab asks for them.
export const Route = createFileRoute('/_shell/images/$name/triggers')({
  beforeLoad: (page) => requireMay(page, 'view_triggers'),
  loader: () => loadWords('triggers'),
  component: Outlet,
});
