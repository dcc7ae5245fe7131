import { createFileRoute } from '@tanstack/react-router';
import { settingsQuery } from '@/api/settings';
import { readSettingsSearch } from '@/features/admin/search';
import { SettingsPage } from '@/features/admin/SettingsPage';

export const Route = createFileRoute('/_shell/admin/settings')({
  validateSearch: readSettingsSearch,
  loader: ({ context }) => context.queries.ensureQueryData(settingsQuery),
  component: Settings,
});

function Settings() {
  return <SettingsPage search={Route.useSearch()} />;
}
