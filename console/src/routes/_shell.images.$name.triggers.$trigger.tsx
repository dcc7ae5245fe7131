import { createFileRoute } from '@tanstack/react-router';
import { triggerQuery } from '@/api/triggers';
import { EditTriggerPage } from '@/features/triggers/EditTriggerPage';
import { readTriggerAddress } from '@/features/triggers/links';
import { readRunSearch } from '@/features/triggers/search';
import { FormSkeleton } from '@/ui/skeletons';

export const Route = createFileRoute('/_shell/images/$name/triggers/$trigger')({
  validateSearch: readRunSearch,
  loader: ({ context, params }) => context.queries.ensureQueryData(triggerQuery({ repository: params.name }, readTriggerAddress(params.trigger))),
  pendingComponent: FormSkeleton,
  component: EditTrigger,
});

function EditTrigger() {
  const { name, trigger: address } = Route.useParams();
  const trigger = readTriggerAddress(address);
  return <EditTriggerPage key={trigger} name={name} trigger={trigger} search={Route.useSearch()} />;
}
