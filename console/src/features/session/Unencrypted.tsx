import { Alert, Stack, Text } from '@mantine/core';
import { IconAlertTriangleFilled } from '@tabler/icons-react';
import { useWords } from '@/app/words';
import { CommandLine } from '@/ui/CommandLine';

/** Browsers drop a safe cookie on a connection that is not encrypted: why nobody can sign in here, and both remedies. */
export function Unencrypted() {
  const say = useWords();
  return (
    <Stack gap="md">
      <Alert color="yellow" variant="outline" icon={<IconAlertTriangleFilled size={18} color="var(--w-warning)" />} title={say('console.core.insecure')}>
        {say('console.core.login_impossible')}
      </Alert>
      <Text>{say('console.core.remedy_tls')}</Text>
      <CommandLine label={say('console.core.remedy_tls_label')} text={'[server]\ntls_cert_file = "/etc/wharf/server.crt"\ntls_key_file = "/etc/wharf/server.key"'} />
      <Text>{say('console.core.remedy_insecure')}</Text>
      <CommandLine label={say('console.core.remedy_insecure_label')} text={'[server]\ninsecure_login = true'} />
    </Stack>
  );
}
