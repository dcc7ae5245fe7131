import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { isProblem } from '@/api/problem';
import '@/app/styles/overlays';
import { useWords } from '@/app/words';
import { ErrorState } from './ErrorState';

interface GoneProps {
  /** Why there is nothing to show; without it there is nothing. */
  problem?: unknown;
  onClose: () => void;
}

/** In the place of what a link names, where that is not there, or not for whoever follows it. */
export default function Gone({ problem, onClose }: GoneProps) {
  const say = useWords();
  const missing = problem === undefined || isProblem(problem, 'not_found');
  return (
    <Modal opened onClose={onClose} title={say('console.core.gone')} centered closeButtonProps={{ 'aria-label': say('console.core.close') }}>
      <Stack gap="lg">
        {missing ? <Text>{say('console.core.gone_text')}</Text> : <ErrorState problem={problem} />}
        <Group justify="flex-end">
          <Button data-autofocus onClick={onClose}>
            {say('console.core.back_to_list')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
