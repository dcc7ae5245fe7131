import { createFileRoute } from '@tanstack/react-router';
import { SettingsPage } from '@/features/namespaces/SettingsPage';

export const Route = createFileRoute('/_shell/namespaces/$namespace/settings')({ component: Settings });

function Settings() {
  const { namespace } = Route.useParams();
  return <SettingsPage key={namespace} namespace={namespace} />;
}
