import { Alert, Group, Stack } from '@mantine/core';
import { IconCircleCheckFilled } from '@tabler/icons-react';
import type { Source } from '@/api/sources';
import { useWords } from '@/app/words';
import { ButtonLink } from '@/ui/links';
import { DeployKey } from './DeployKey';
import { hostOf } from './kinds';

/** What was connected, what was tried of it, and what is still to be done there. */
export function Connected({ source, message }: { source: Source; message?: string }) {
  const say = useWords();
  return (
    <Stack gap="lg" maw={720}>
      <Alert role="status" color="tide" variant="outline" icon={<IconCircleCheckFilled size={18} color="var(--w-success)" />} title={say('console.sources.connected', { name: hostOf(source.address) })}>
        {message}
      </Alert>
      <DeployKey source={source} />
      <Group>
        <ButtonLink to="/images/-/new" search={{ from: 'git' }}>
          {say('console.sources.build_image')}
        </ButtonLink>
        <ButtonLink to="/sources" variant="default">
          {say('console.sources.to_list')}
        </ButtonLink>
      </Group>
    </Stack>
  );
}
