import { createFileRoute } from '@tanstack/react-router';
import { requireUser } from '@/app/guards';
import { loadWords } from '@/app/words';
import { NewNamespacePage } from '@/features/namespaces/NewNamespacePage';

export const Route = createFileRoute('/_shell/namespaces/-/new')({
  beforeLoad: requireUser,
  loader: () => loadWords('namespaces'),
  component: NewNamespacePage,
});
