import { Modal, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { resumeEvents } from '@/app/events';
import { setSessionOver } from '@/app/session-over';
import '@/app/styles/overlays';
import { useWords } from '@/app/words';
import { SignInForm } from './SignInForm';

/** Over a page whose session ended: after signing in, everything on it goes on, forms included. */
export default function SignInAgain() {
  const say = useWords();
  const queries = useQueryClient();
  const goOn = () => {
    setSessionOver(false);
    void queries.invalidateQueries();
    resumeEvents();
  };
  return (
    <Modal opened onClose={() => setSessionOver(false)} title={say('console.core.session_over')} centered closeOnClickOutside={false} closeButtonProps={{ 'aria-label': say('console.core.close') }}>
      <Text c="dimmed" mb="lg">
        {say('console.core.session_over_text')}
      </Text>
      <SignInForm onDone={goOn} />
    </Modal>
  );
}
