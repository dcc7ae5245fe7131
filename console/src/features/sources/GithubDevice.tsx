import { Alert, Anchor, Button, Group, Stack, Text, Title } from '@mantine/core';
import { IconBrandGithub } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useEffectEvent, useState } from 'react';
import { isProblem } from '@/api/problem';
import { cancelDeviceLogin, type DeviceLogin, pollDeviceLogin, type Source, sourceKeys, useStartDeviceLogin } from '@/api/sources';
import { useWords } from '@/app/words';
import { Copy } from '@/ui/Copy';
import { ErrorState } from '@/ui/ErrorState';

/** 授权同步Github代码源: a code that is typed at GitHub; nothing of it comes through this browser. */
export function GithubDevice({ onConnected }: { onConnected: (source: Source) => void }) {
  const say = useWords();
  const queries = useQueryClient();
  const start = useStartDeviceLogin();
  const [login, setLogin] = useState<DeviceLogin>();
  const [problem, setProblem] = useState<unknown>();
  const connected = useEffectEvent((source: Source) => {
    void queries.invalidateQueries({ queryKey: sourceKeys.all });
    onConnected(source);
  });

  const id = login?.id;
  const every = login?.poll_seconds ?? 0;
  useEffect(() => {
    if (!id) return;
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout>;
    const poll = async () => {
      try {
        const answer = await pollDeviceLogin(id, stop.signal);
        if (answer.source) return connected(answer.source);
        timer = setTimeout(poll, every * 1000);
      } catch (error) {
        if (stop.signal.aborted) return;
        setLogin(undefined);
        setProblem(error);
      }
    };
    timer = setTimeout(poll, every * 1000);
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, [id, every]);

  const begin = () => {
    setProblem(undefined);
    start.mutate({ kind: 'github' }, { onSuccess: setLogin, onError: setProblem });
  };
  const giveUp = () => {
    if (login) void cancelDeviceLogin(login.id);
    setLogin(undefined);
  };
  const noApp = isProblem(problem, 'conflict') && problem.params.conflict === 'no_oauth_app';
  return (
    <Stack gap="md">
      <Title order={2}>{say('console.sources.with_code')}</Title>
      {login ? (
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
      ) : (
        <Group>
          <Button variant="default" leftSection={<IconBrandGithub size={16} aria-hidden />} onClick={begin} loading={start.isPending}>
            {say('console.sources.authorize_github')}
          </Button>
        </Group>
      )}
      {problem !== undefined && (noApp ? <Text className="muted">{(problem as Error).message}</Text> : <ErrorState problem={problem} />)}
    </Stack>
  );
}
