import { createFileRoute } from '@tanstack/react-router';
import { triggerQuery } from '@/api/triggers';
import { EditNamespaceTriggerPage } from '@/features/triggers/NamespaceTriggers';
import { readTriggerAddress } from '@/features/triggers/links';
import { readRunSearch } from '@/features/triggers/search';
import { FormSkeleton } from '@/ui/skeletons';

export const Route = createFileRoute('/_shell/namespaces/$namespace/triggers/$trigger')({
  validateSearch: readRunSearch,
  loader: ({ context, params }) => context.queries.ensureQueryData(triggerQuery({ namespace: params.namespace }, readTriggerAddress(params.trigger))),
  pendingComponent: FormSkeleton,
  component: EditTrigger,
});

function EditTrigger() {
  const { namespace, trigger: address } = Route.useParams();
  const trigger = readTriggerAddress(address);
  return <EditNamespaceTriggerPage key={trigger} namespace={namespace} trigger={trigger} search={Route.useSearch()} />;
}
