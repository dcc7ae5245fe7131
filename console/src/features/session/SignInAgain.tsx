import { Modal, Stack, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useResumeSession, useSession } from '@/api/session';
import { resumeEvents } from '@/app/events';
import { setSessionOver } from '@/app/session-over';
import { watchSignedIn } from '@/app/signed-in';
import '@/app/styles/overlays';
import { useWords } from '@/app/words';
import { ProviderLink } from './ProviderLink';
import { SignInForm } from './SignInForm';

/** Over a page whose session ended: after signing in, everything on it goes on, forms included. */
export default function SignInAgain() {
  const say = useWords();
  const queries = useQueryClient();
  const session = useSession();
  const resume = useResumeSession();
  const goOn = () => {
    setSessionOver(false);
    void queries.invalidateQueries();
    resumeEvents();
  };
  const look = async () => {
    // Not to be asked now: then when somebody comes back here.
    const who = await resume().catch(() => 'nobody');
    if (who === 'same') goOn();
    // What is on this page was another's.
    else if (who === 'other') window.location.reload();
  };
  // oxlint-disable-next-line react-hooks/exhaustive-deps
  useEffect(() => watchSignedIn(() => void look()), []);
  return (
    <Modal opened onClose={() => setSessionOver(false)} title={say('console.core.session_over')} centered closeOnClickOutside={false} closeButtonProps={{ 'aria-label': say('console.core.close') }}>
      <Text c="dimmed" mb="lg">
        {say('console.core.session_over_text')}
      </Text>
      <Stack gap="lg">
        {(session.user?.has_password || !session.oidc) && <SignInForm onDone={goOn} />}
        {session.oidc && <ProviderLink provider={session.oidc} next="/signed-in" newTab />}
      </Stack>
    </Modal>
  );
}
