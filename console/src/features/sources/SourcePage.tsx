import { Button, Stack } from '@mantine/core';
import { IconBrandGithub, IconRefresh } from '@tabler/icons-react';
import { useSuspenseQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { sourceKeys, sourceQuery, useCheckSource } from '@/api/sources';
import { useLiveQuery } from '@/app/events';
import { Page } from '@/app/Page';
import { useWords } from '@/app/words';
import { announce } from '@/ui/announce';
import { ErrorState } from '@/ui/ErrorState';
import { Fact, Facts } from '@/ui/Facts';
import { Notice } from '@/ui/Notice';
import { PartBoundary } from '@/ui/PartBoundary';
import { TableSkeleton } from '@/ui/skeletons';
import { Time } from '@/ui/Time';
import { DeployKey } from './DeployKey';
import { GithubDevice } from './GithubDevice';
import { useGithubLogin } from './githubLogin';
import { HostKeys } from './HostKeys';
import { hostOf, sayKind, type WebhookSearch } from './kinds';
import { ReplaceToken } from './ReplaceToken';
import { SourceRules } from './SourceRules';
import { SourceState } from './SourceState';

const Disconnect = lazy(() => import('./Disconnect'));
const Webhooks = lazy(() => import('./Webhooks'));

/** One account on a code host: whether it works, a new token for it, how it tells of pushes, the rules that use it. */
export function SourcePage({ id, search }: { id: string; search: WebhookSearch }) {
  const say = useWords();
  const navigate = useNavigate();
  const source = useSuspenseQuery(sourceQuery(id)).data;
  useLiveQuery('sources', sourceKeys.one(id));
  const check = useCheckSource();
  const [leaving, setLeaving] = useState(false);
  const again = useGithubLogin();
  const { health } = source;
  // Without a token of its own making nobody can enter another one: the way back is the way in.
  const authorize = source.method === 'device' && !again.login && (
    <Button variant="default" leftSection={<IconBrandGithub size={16} aria-hidden />} loading={again.busy} onClick={() => again.begin(source.address)}>
      {say('console.sources.authorize_again')}
    </Button>
  );
  const authorized = () => {
    again.end();
    announce(say('console.sources.authorized_again'));
  };
  return (
    <Page
      title={`${sayKind(source.kind, say)} · ${hostOf(source.address)}`}
      crumbs={[{ label: say('console.core.nav.sources'), to: '/sources' }]}
      beside={<SourceState source={source} />}
      actions={
        <>
          {health.ok && authorize}
          <Button variant="default" leftSection={<IconRefresh size={16} aria-hidden />} loading={check.isPending} onClick={() => check.mutate(id)}>
            {say('console.sources.check')}
          </Button>
          <Button variant="default" onClick={() => setLeaving(true)}>
            {say('console.sources.disconnect')}
          </Button>
        </>
      }
    >
      <Stack gap={24}>
        <Facts>
          <Fact label={say('console.sources.account')}>{source.account}</Fact>
          <Fact label={say('console.sources.checked')}>
            <Time at={source.checked_at} />
          </Fact>
          {source.token_expires_at && (
            <Fact label={say('console.sources.token_expires')}>
              <span>
                <Time at={source.token_expires_at} /> <span className="muted">{say('console.sources.token_renewed')}</span>
              </span>
            </Fact>
          )}
        </Facts>
        {!health.ok && (
          <Notice tone="warning" title={health.message ?? health.problem}>
            {health.detail}
            {authorize && <div>{authorize}</div>}
          </Notice>
        )}
        {again.login && <GithubDevice login={again.login} onConnected={authorized} onOver={again.end} />}
        {again.problem !== undefined && <ErrorState problem={again.problem} />}
        {check.error && <ErrorState problem={check.error} />}
        <DeployKey source={source} />
        <HostKeys source={source} />
        {source.method !== 'deploy_key' && source.method !== 'device' && <ReplaceToken source={source} />}
        <PartBoundary>
          <Suspense fallback={<TableSkeleton rows={2} />}>
            <Webhooks source={source} search={search} />
          </Suspense>
        </PartBoundary>
        <SourceRules source={id} />
      </Stack>
      {leaving && (
        <Suspense fallback={null}>
          <Disconnect source={source} onClose={() => setLeaving(false)} onDone={() => navigate({ to: '/sources' })} />
        </Suspense>
      )}
    </Page>
  );
}
