import { Button, Group, Modal, Stack } from '@mantine/core';
import type { ChangedTrigger } from '@/api/triggers';
import '@/app/styles/overlays';
import { useWords } from '@/app/words';
import { CommandLine } from '@/ui/CommandLine';
import { Notice } from '@/ui/Notice';
import { WorkloadWarning } from './WorkloadWarning';

interface SavedTriggerProps {
  trigger: ChangedTrigger;
  onClose: () => void;
}

/** After saving: secrets that the server made, shown this once, and what speaks against its workloads. */
export default function SavedTrigger({ trigger, onClose }: SavedTriggerProps) {
  const say = useWords();
  const actions = new Map(trigger.actions.map((action) => [action.id, action]));
  const secrets = trigger.made_secrets ?? [];
  const keeps = secrets.length > 0;
  return (
    <Modal
      opened
      onClose={onClose}
      title={say(keeps ? 'console.triggers.made_secret' : 'console.triggers.saved_but')}
      size="lg"
      centered
      withCloseButton={false}
      closeOnClickOutside={false}
      closeOnEscape={!keeps}
    >
      <Stack gap="lg">
        {keeps && <Notice tone="warning" title={say('console.triggers.made_secret_once')} />}
        {secrets.map((made) => (
          <CommandLine key={made.action} text={made.secret} label={say('console.triggers.secret_of', { target: actions.get(made.action)?.label ?? '' })} />
        ))}
        {trigger.warnings.map((warning) => {
          const action = actions.get(warning.action);
          return (
            <WorkloadWarning
              key={`${warning.action} ${warning.code}`}
              warning={warning}
              target={action?.label}
              namespace={trigger.namespace}
              cluster={action?.cluster}
              kube={action?.cluster_namespace}
            />
          );
        })}
        <Group justify="flex-end">
          <Button data-autofocus onClick={onClose}>
            {say(keeps ? 'console.triggers.saved_it' : 'console.core.close')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
