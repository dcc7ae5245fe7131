import { Button, Group, Stack, Text, TextInput, Title } from '@mantine/core';
import { IconBrandGithub } from '@tabler/icons-react';
import { useState } from 'react';
import type { Source } from '@/api/sources';
import { useWords } from '@/app/words';
import { Disclosure } from '@/ui/Disclosure';
import { ErrorState } from '@/ui/ErrorState';
import { GithubDevice } from './GithubDevice';
import { conflictOf, useGithubLogin } from './githubLogin';

/** 授权同步Github代码源: the browser goes to GitHub and comes back; by a code where the app that is set has no secret. */
export function GithubSignIn({ onConnected }: { onConnected: (source: Source) => void }) {
  const say = useWords();
  const [address, setAddress] = useState('');
  const { begin, end, busy, login, problem } = useGithubLogin();
  return (
    <Stack gap="md">
      <Title order={2}>{say('console.sources.with_account')}</Title>
      {login ? (
        <GithubDevice login={login} onConnected={onConnected} onOver={end} />
      ) : (
        <>
          <Group>
            <Button variant="default" leftSection={<IconBrandGithub size={16} aria-hidden />} onClick={() => begin(address.trim() || undefined)} loading={busy}>
              {say('console.sources.authorize_github')}
            </Button>
          </Group>
          <Disclosure title="GitHub Enterprise">
            <TextInput
              label={say('console.sources.enterprise')}
              placeholder="https://github.example.com"
              value={address}
              onChange={(event) => setAddress(event.currentTarget.value)}
              spellCheck={false}
              autoCapitalize="none"
              inputMode="url"
            />
          </Disclosure>
        </>
      )}
      {problem !== undefined &&
        (conflictOf(problem) === 'no_oauth_app' ? <Text className="muted">{(problem as Error).message}</Text> : <ErrorState problem={problem} />)}
    </Stack>
  );
}
