import { createFileRoute, Outlet } from '@tanstack/react-router';
import { namespaceQuery } from '@/api/namespaces';
import { requireUser } from '@/app/guards';
import { loadWords } from '@/app/words';

export const Route = createFileRoute('/_shell/namespaces/$namespace/triggers')({
  beforeLoad: requireUser,
  loader: ({ context, params }) =>
    Promise.all([loadWords('triggers'), context.queries.ensureQueryData(namespaceQuery(params.namespace))]),
  component: Outlet,
});
