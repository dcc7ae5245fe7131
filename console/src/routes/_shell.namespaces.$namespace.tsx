import { createFileRoute, Outlet } from '@tanstack/react-router';
import { namespaceQuery } from '@/api/namespaces';
import { requireUser } from '@/app/guards';
import { loadWords } from '@/app/words';

// All tabs of a namespace need the namespace.
export const Route = createFileRoute('/_shell/namespaces/$namespace')({
  beforeLoad: requireUser,
  loader: ({ context, params }) =>
    Promise.all([loadWords('namespaces'), context.queries.ensureQueryData(namespaceQuery(params.namespace))]),
  component: Outlet,
});
