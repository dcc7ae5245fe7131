import { createFileRoute } from '@tanstack/react-router';
import { requireMay } from '@/app/guards';
import { NewNamespaceTriggerPage } from '@/features/triggers/NamespaceTriggers';
import { FormSkeleton } from '@/ui/skeletons';

export const Route = createFileRoute('/_shell/namespaces/$namespace/triggers/-/new')({
  beforeLoad: (page) => requireMay(page, 'manage_triggers'),
  pendingComponent: FormSkeleton,
  component: NewTrigger,
});

function NewTrigger() {
  return <NewNamespaceTriggerPage namespace={Route.useParams().namespace} />;
}
