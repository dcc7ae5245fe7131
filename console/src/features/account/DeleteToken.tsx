import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { type Token, useDeleteToken } from '@/api/tokens';
import '@/app/styles/overlays';
import { useWords } from '@/app/words';
import { ErrorState } from '@/ui/ErrorState';

/** Asks before a token goes: whoever uses it is refused from then on. */
export default function DeleteToken({ token, onClose }: { token: Token; onClose: () => void }) {
  const say = useWords();
  const remove = useDeleteToken();
  return (
    <Modal opened onClose={onClose} title={say('console.account.delete_named', { name: token.name })} centered closeButtonProps={{ 'aria-label': say('console.core.close') }}>
      <Stack gap="lg">
        <Text>{say('console.account.delete_text')}</Text>
        {remove.error && <ErrorState problem={remove.error} />}
        <Group justify="flex-end">
          <Button variant="default" data-autofocus onClick={onClose}>
            {say('console.core.cancel')}
          </Button>
          <Button color="danger" loading={remove.isPending} onClick={() => remove.mutate(token.id, { onSuccess: onClose })}>
            {say('console.core.delete')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
