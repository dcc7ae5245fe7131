import { createFileRoute } from '@tanstack/react-router';
import { requireUser } from '@/app/guards';
import { loadWords } from '@/app/words';
import { ImageSettingsPage } from '@/features/images/ImageSettingsPage';

export const Route = createFileRoute('/_shell/images/$name/settings')({
  beforeLoad: requireUser,
  loader: () => loadWords('images'),
  component: Settings,
});

function Settings() {
  return <ImageSettingsPage name={Route.useParams().name} />;
}
