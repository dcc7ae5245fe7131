import { createFileRoute, Outlet } from '@tanstack/react-router';
import { loadWords } from '@/app/words';

export const Route = createFileRoute('/_shell/namespaces/$namespace/triggers')({
  loader: () => loadWords('triggers'),
  component: Outlet,
});
