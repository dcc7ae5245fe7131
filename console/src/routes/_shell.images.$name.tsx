import { createFileRoute, Outlet } from '@tanstack/react-router';
import { repositoryQuery } from '@/api/repositories';
import { loadWords } from '@/app/words';

// All tabs of an image need the image.
export const Route = createFileRoute('/_shell/images/$name')({
  loader: ({ context, params }) =>
    Promise.all([loadWords('images'), context.queries.ensureQueryData(repositoryQuery(params.name))]),
  component: Outlet,
});
