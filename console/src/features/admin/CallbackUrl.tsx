import { Stack, Text } from '@mantine/core';
import { useSuspenseQuery } from '@tanstack/react-query';
import { settingsQuery } from '@/api/settings';
import { useWords } from '@/app/words';
import { CommandLine } from '@/ui/CommandLine';

const callbacks: Record<string, string> = { code_hosts: '/sources/-/authorized', oidc: '/auth/oidc/callback' };

/** Where browsers come back to: what is asked for when an application is registered elsewhere. */
export function CallbackUrl({ section }: { section: string }) {
  const say = useWords();
  const { settings } = useSuspenseQuery(settingsQuery).data;
  const path = callbacks[section];
  if (!path) return null;
  const public_url = settings.find(({ key }) => key === 'server.public_url')?.value;
  const address = `${(public_url || window.location.origin).replace(/\/+$/, '')}${path}`;
  return (
    <Stack gap="xs">
      <Text>{say('console.admin.settings.callback')}</Text>
      <CommandLine text={address} label={say('console.admin.settings.callback_label')} />
    </Stack>
  );
}
