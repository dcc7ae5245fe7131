import { createFileRoute } from '@tanstack/react-router';
import { requireMay } from '@/app/guards';
import { SettingsPage } from '@/features/namespaces/SettingsPage';

export const Route = createFileRoute('/_shell/namespaces/$namespace/settings')({
  beforeLoad: (page) => requireMay(page, 'edit', 'delete'),
  component: Settings,
});

function Settings() {
  const { namespace } = Route.useParams();
  return <SettingsPage key={namespace} namespace={namespace} />;
}
