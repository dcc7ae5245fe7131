import { Stack, Text } from '@mantine/core';
import { useWords } from '@/app/words';
import { CommandLine } from '@/ui/CommandLine';
import { Notice } from '@/ui/Notice';

/** Browsers drop a safe cookie on a connection that is not encrypted: why nobody can sign in here, and both remedies. */
export default function Unencrypted() {
  const say = useWords();
  return (
    <Stack gap="md">
      <Notice tone="warning" title={say('console.core.insecure')}>
        {say('console.core.login_impossible')}
      </Notice>
      <Text>{say('console.core.remedy_tls')}</Text>
      <CommandLine label={say('console.core.remedy_tls_label')} text={'[server]\ntls_cert_file = "/etc/wharf/server.crt"\ntls_key_file = "/etc/wharf/server.key"'} />
      <Text>{say('console.core.remedy_insecure')}</Text>
      <CommandLine label={say('console.core.remedy_insecure_label')} text={'[server]\ninsecure_login = true'} />
    </Stack>
  );
}
