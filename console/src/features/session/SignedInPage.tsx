import { Stack, Text, Title } from '@mantine/core';
import { useEffect } from 'react';
import { PlainPage } from '@/app/PlainPage';
import { tellSignedIn } from '@/app/signed-in';
import { useWords } from '@/app/words';

/** Where a tab ends that was opened to sign in again: the page that asked goes on. */
export function SignedInPage() {
  const say = useWords();
  const title = say('console.core.signed_in');
  useEffect(() => {
    document.title = `${title} · wharf`;
  }, [title]);
  useEffect(() => {
    tellSignedIn();
    // Browsers close what a page opened, most of them only that.
    window.close();
  }, []);
  return (
    <PlainPage>
      <Stack gap="lg">
        <Title order={1} tabIndex={-1}>
          {title}
        </Title>
        <Text>{say('console.core.signed_in_text')}</Text>
      </Stack>
    </PlainPage>
  );
}
