import { Alert, Anchor, Button, Group, Stack, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useEffectEvent } from 'react';
import { cancelDeviceLogin, type DeviceLogin, pollDeviceLogin, type Source, sourceKeys } from '@/api/sources';
import { useWords } from '@/app/words';
import { Copy } from '@/ui/Copy';

interface GithubDeviceProps {
  login: DeviceLogin;
  onConnected: (source: Source) => void;
  /** Given up, or with what ended it. */
  onOver: (problem?: unknown) => void;
}

/** A code that is typed at GitHub; nothing of it comes through this browser. */
export function GithubDevice({ login, onConnected, onOver }: GithubDeviceProps) {
  const say = useWords();
  const queries = useQueryClient();
  const connected = useEffectEvent((source: Source) => {
    void queries.invalidateQueries({ queryKey: sourceKeys.all });
    onConnected(source);
  });
  const failed = useEffectEvent(onOver);

  const { id, poll_seconds: every } = login;
  useEffect(() => {
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout>;
    const poll = async () => {
      try {
        const answer = await pollDeviceLogin(id, stop.signal);
        if (answer.source) return connected(answer.source);
        timer = setTimeout(poll, every * 1000);
      } catch (error) {
        if (!stop.signal.aborted) failed(error);
      }
    };
    timer = setTimeout(poll, every * 1000);
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, [id, every]);

  const giveUp = () => {
    void cancelDeviceLogin(id);
    onOver();
  };
  return (
    <Alert color="tide" variant="outline" title={say('console.sources.type_code')}>
      <Stack gap="sm">
        <Group gap="sm">
          <Text fz={20} fw={600} className="mono">
            {login.user_code}
          </Text>
          <Copy value={login.user_code} label={say('console.sources.code')} />
        </Group>
        <Anchor href={login.verification_url} target="_blank" rel="noreferrer noopener">
          {login.verification_url}
        </Anchor>
        <Text role="status" className="muted">
          {say('console.sources.waiting')}
        </Text>
        <Group>
          <Button variant="default" onClick={giveUp}>
            {say('console.core.cancel')}
          </Button>
        </Group>
      </Stack>
    </Alert>
  );
}
