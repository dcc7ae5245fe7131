import { Button, Group, Modal, Stack } from '@mantine/core';
import type { ChangedTrigger } from '@/api/triggers';
import '@/app/styles/overlays';
import { useWords } from '@/app/words';
import { CommandLine } from '@/ui/CommandLine';
import { Notice } from '@/ui/Notice';

interface MadeSecretsProps {
  trigger: ChangedTrigger;
  onClose: () => void;
}

/** Secrets that the server made for this trigger: shown this once. */
export default function MadeSecrets({ trigger, onClose }: MadeSecretsProps) {
  const say = useWords();
  const labels = new Map(trigger.actions.map((action) => [action.id, action.label]));
  return (
    <Modal opened onClose={onClose} title={say('console.triggers.made_secret')} centered withCloseButton={false} closeOnClickOutside={false} closeOnEscape={false}>
      <Stack gap="lg">
        <Notice tone="warning" title={say('console.triggers.made_secret_once')} />
        {(trigger.made_secrets ?? []).map((made) => (
          <CommandLine key={made.action} text={made.secret} label={say('console.triggers.secret_of', { target: labels.get(made.action) ?? '' })} />
        ))}
        <Group justify="flex-end">
          <Button data-autofocus onClick={onClose}>
            {say('console.triggers.saved_it')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
