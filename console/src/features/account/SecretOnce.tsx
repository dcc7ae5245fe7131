import { Alert, Button, Group, Modal, Stack } from '@mantine/core';
import { IconAlertTriangleFilled } from '@tabler/icons-react';
import { useSession } from '@/api/session';
import '@/app/styles/overlays';
import { useWords } from '@/app/words';
import { CommandLine } from '@/ui/CommandLine';

interface SecretOnceProps {
  title: string;
  secret: string;
  /** That it is shown this once. */
  once: string;
  /** What is copied: "access token". */
  label: string;
  /** Who signs in with it. */
  login: string;
  onClose: () => void;
}

/** A secret, this once: a click beside the dialog does not lose it. */
export function SecretOnce({ title, secret, once, label, login, onClose }: SecretOnceProps) {
  const say = useWords();
  const { address } = useSession();
  return (
    <Modal opened onClose={onClose} title={title} centered withCloseButton={false} closeOnClickOutside={false} closeOnEscape={false}>
      <Stack gap="lg">
        <Alert color="yellow" variant="outline" icon={<IconAlertTriangleFilled size={18} color="var(--w-warning)" />}>
          {once}
        </Alert>
        <CommandLine label={label} text={secret} />
        <div>
          {say('console.account.token_use')}
          <CommandLine label={say('console.account.login_command')} text={`docker login ${address} -u ${login}`} />
        </div>
        <Group justify="flex-end">
          <Button onClick={onClose}>{say('console.account.saved')}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
