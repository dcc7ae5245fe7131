import { createFileRoute } from '@tanstack/react-router';
import { triggerQuery } from '@/api/triggers';
import { EditTriggerPage } from '@/features/triggers/EditTriggerPage';
import { FormSkeleton } from '@/ui/skeletons';

export const Route = createFileRoute('/_shell/images/$name/triggers/$trigger')({
  loader: ({ context, params }) => context.queries.ensureQueryData(triggerQuery({ repository: params.name }, params.trigger)),
  pendingComponent: FormSkeleton,
  component: EditTrigger,
});

function EditTrigger() {
  const { name, trigger } = Route.useParams();
  return <EditTriggerPage key={trigger} name={name} trigger={trigger} />;
}
