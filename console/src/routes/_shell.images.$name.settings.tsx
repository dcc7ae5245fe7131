import { createFileRoute } from '@tanstack/react-router';
import { requireMay } from '@/app/guards';
import { loadWords } from '@/app/words';
import { ImageSettingsPage } from '@/features/images/ImageSettingsPage';

export const Route = createFileRoute('/_shell/images/$name/settings')({
  beforeLoad: (page) => requireMay(page, 'edit', 'delete'),
  loader: () => loadWords('images', 'namespaces'),
  component: Settings,
});

function Settings() {
  return <ImageSettingsPage name={Route.useParams().name} />;
}
