import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { type OwnSession, useEndSessions } from '@/api/sessions';
import '@/app/styles/overlays';
import { useWords } from '@/app/words';
import { ErrorState } from '@/ui/ErrorState';

/** Asks before other browsers are signed out. */
export default function EndSessions({ sessions, onClose }: { sessions: OwnSession[]; onClose: () => void }) {
  const say = useWords();
  const end = useEndSessions();
  return (
    <Modal opened onClose={onClose} title={say('console.account.end_title', { count: sessions.length })} centered closeButtonProps={{ 'aria-label': say('console.core.close') }}>
      <Stack gap="lg">
        <Text>{say('console.account.end_text')}</Text>
        {end.error && <ErrorState problem={end.error} />}
        <Group justify="flex-end">
          <Button variant="default" data-autofocus onClick={onClose}>
            {say('console.core.cancel')}
          </Button>
          <Button color="danger" loading={end.isPending} onClick={() => end.mutate(sessions, { onSuccess: onClose })}>
            {say('console.account.end_session')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
