import { createFileRoute, redirect } from '@tanstack/react-router';

export const Route = createFileRoute('/_shell/namespaces/$namespace/')({
  beforeLoad: ({ params }) => {
    throw redirect({ to: '/namespaces/$namespace/images', params, replace: true });
  },
});
