import { Group, Radio, Stack } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { ConnectedSource, Source, SourceKind } from '@/api/sources';
import { Page } from '@/app/Page';
import '@/app/styles/forms';
import { useWords } from '@/app/words';
import { Connected } from './Connected';
import { GithubSignIn } from './GithubSignIn';
import { kinds, sayKind } from './kinds';
import { TokenForm } from './TokenForm';

/** 添加代码源: which software the host runs, then how to sign in there. */
export function NewSourcePage({ kind }: { kind?: SourceKind }) {
  const say = useWords();
  const navigate = useNavigate();
  const [done, setDone] = useState<{ source: Source; message?: string }>();
  const finish = (source: ConnectedSource | Source) =>
    setDone({ source, message: 'tested' in source ? source.tested.message : undefined });
  const chosen = kind ?? 'github';
  return (
    <Page title={say('console.sources.add')} crumbs={[{ label: say('console.core.nav.sources'), to: '/sources' }]}>
      {done ? (
        <Connected source={done.source} message={done.message} />
      ) : (
        <Stack gap={24} maw={720}>
          <Radio.Group label={say('console.sources.source')} value={chosen} onChange={(next) => navigate({ to: '/sources/-/new', search: { kind: next as SourceKind }, replace: true })}>
            <Group gap="xl" mt={8}>
              {kinds.map((each) => (
                <Radio key={each} value={each} label={sayKind(each, say)} />
              ))}
            </Group>
          </Radio.Group>
          {chosen === 'github' && <GithubSignIn onConnected={finish} />}
          <TokenForm key={chosen} kind={chosen} onConnected={finish} />
        </Stack>
      )}
    </Page>
  );
}
