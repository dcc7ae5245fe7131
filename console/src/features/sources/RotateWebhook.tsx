import { Alert, Button, Group, Modal, Stack, Text } from '@mantine/core';
import { IconAlertTriangleFilled } from '@tabler/icons-react';
import type { Source } from '@/api/sources';
import { useRotateWebhookSecret, type Webhook } from '@/api/webhooks';
import '@/app/styles/overlays';
import { useWords } from '@/app/words';
import { announce } from '@/ui/announce';
import { CommandLine } from '@/ui/CommandLine';
import { Confirm } from '@/ui/Confirm';

interface RotateWebhookProps {
  source: Source;
  webhook: Webhook;
  onClose: () => void;
}

/** Another secret for a webhook: a code host is told of it; of plain git the line for the repository's hook is shown, this once. */
export default function RotateWebhook({ source, webhook, onClose }: RotateWebhookProps) {
  const say = useWords();
  const rotate = useRotateWebhookSecret(source.id);
  const plain = source.kind === 'git';
  const line = rotate.data?.line;
  if (line) {
    return (
      <Modal opened onClose={onClose} size="lg" centered title={say('console.sources.make_line')} withCloseButton={false} closeOnClickOutside={false} closeOnEscape={false}>
        <Stack gap="lg">
          <Alert color="yellow" variant="outline" icon={<IconAlertTriangleFilled size={18} color="var(--w-warning)" />}>
            {say('console.sources.line_once')}
          </Alert>
          <Text>{say('console.sources.line_text', { name: webhook.remote })}</Text>
          <CommandLine label={say('console.sources.line')} text={line} />
          <Group justify="flex-end">
            <Button onClick={onClose}>{say('console.core.done')}</Button>
          </Group>
        </Stack>
      </Modal>
    );
  }
  const done = () => {
    announce(say('console.core.saved'));
    onClose();
  };
  return (
    <Confirm
      title={say(plain ? 'console.sources.make_line_named' : 'console.sources.rotate_named', { name: webhook.remote })}
      action={say(plain ? 'console.sources.make_line' : 'console.sources.rotate')}
      onConfirm={() => rotate.mutate(webhook.id, { onSuccess: (rotated) => !rotated.line && done() })}
      onClose={onClose}
      pending={rotate.isPending}
      problem={rotate.error}
    >
      <Text>{say(plain ? 'console.sources.make_line_text' : 'console.sources.rotate_text')}</Text>
    </Confirm>
  );
}
