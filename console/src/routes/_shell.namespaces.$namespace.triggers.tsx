import { createFileRoute, Outlet } from '@tanstack/react-router';
import { requireMay } from '@/app/guards';
import { loadWords } from '@/app/words';

export const Route = createFileRoute('/_shell/namespaces/$namespace/triggers')({
  beforeLoad: (page) => requireMay(page, 'view_triggers'),
  loader: () => loadWords('triggers'),
  component: Outlet,
});
