import { createFileRoute, redirect } from '@tanstack/react-router';

export const Route = createFileRoute('/_shell/images/$name/')({
  beforeLoad: ({ params }) => {
    throw redirect({ to: '/images/$name/versions', params, replace: true });
  },
});
