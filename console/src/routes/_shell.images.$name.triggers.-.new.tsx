import { createFileRoute } from '@tanstack/react-router';
import { requireMay } from '@/app/guards';
import { FormSkeleton } from '@/ui/skeletons';
import { NewTriggerPage } from '@/features/triggers/NewTriggerPage';

export const Route = createFileRoute('/_shell/images/$name/triggers/-/new')({
  beforeLoad: (page) => requireMay(page, 'manage_triggers'),
  pendingComponent: FormSkeleton,
  component: NewTrigger,
});

function NewTrigger() {
  return <NewTriggerPage name={Route.useParams().name} />;
}
