import { createFileRoute } from '@tanstack/react-router';
import { triggerQuery } from '@/api/triggers';
import { EditNamespaceTriggerPage } from '@/features/triggers/NamespaceTriggers';
import { FormSkeleton } from '@/ui/skeletons';

export const Route = createFileRoute('/_shell/namespaces/$namespace/triggers/$trigger')({
  loader: ({ context, params }) => context.queries.ensureQueryData(triggerQuery({ namespace: params.namespace }, params.trigger)),
  pendingComponent: FormSkeleton,
  component: EditTrigger,
});

function EditTrigger() {
  const { namespace, trigger } = Route.useParams();
  return <EditNamespaceTriggerPage key={trigger} namespace={namespace} trigger={trigger} />;
}
