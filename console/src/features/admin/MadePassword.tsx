import { Button, Group, Modal, Stack } from '@mantine/core';
import '@/app/styles/overlays';
import { useWords } from '@/app/words';
import { CommandLine } from '@/ui/CommandLine';
import { Notice } from '@/ui/Notice';

interface MadePasswordProps {
  username: string;
  password: string;
  onClose: () => void;
}

/** A password that the server made, this once: a click beside the dialog does not lose it. */
export function MadePassword({ username, password, onClose }: MadePasswordProps) {
  const say = useWords();
  return (
    <Modal opened onClose={onClose} title={say('console.admin.users.password_of', { name: username })} centered withCloseButton={false} closeOnClickOutside={false} closeOnEscape={false}>
      <Stack gap="lg">
        <Notice tone="warning" title={say('console.admin.users.shown_once')} />
        <CommandLine label={say('console.core.password')} text={password} />
        <div>{say('console.admin.users.password_next')}</div>
        <Group justify="flex-end">
          <Button data-autofocus onClick={onClose}>
            {say('console.admin.users.saved_it')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
