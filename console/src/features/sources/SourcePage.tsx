import { Button, Group, PasswordInput, Stack, Title } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { useQuery, useSuspenseQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, lazy, Suspense, useState } from 'react';
import { isProblem } from '@/api/problem';
import { sourceQuery, sourceRulesQuery, type Source, type SourceUse, useCheckSource, useEditSource } from '@/api/sources';
import { Page } from '@/app/Page';
import '@/app/styles/forms';
import { useWords } from '@/app/words';
import { CommandLine } from '@/ui/CommandLine';
import { type Column, DataTable } from '@/ui/DataTable';
import { ErrorState } from '@/ui/ErrorState';
import { TextLink } from '@/ui/links';
import { Notice } from '@/ui/Notice';
import { Time } from '@/ui/Time';
import { DeployKey } from './DeployKey';
import { hostOf, sayKind } from './kinds';
import { SourceState } from './SourceState';

const Disconnect = lazy(() => import('./Disconnect'));

/** One account on a code host: whether it works, a new token for it, the rules that use it. */
export function SourcePage({ id }: { id: string }) {
  const say = useWords();
  const navigate = useNavigate();
  const source = useSuspenseQuery(sourceQuery(id)).data;
  const rules = useQuery(sourceRulesQuery(id));
  const check = useCheckSource();
  const [leaving, setLeaving] = useState(false);
  const { health } = source;
  const columns: Column<SourceUse>[] = [
    {
      key: 'image',
      title: say('console.sources.image'),
      grows: true,
      cell: (use) => (
        <TextLink to="/images/$name/builds" params={{ name: use.repository }}>
          {use.repository}
        </TextLink>
      ),
    },
    { key: 'rule', title: say('console.sources.rule'), cell: (use) => use.rule },
    { key: 'remote', title: say('console.sources.repository'), cell: (use) => use.remote },
  ];
  const title = `${sayKind(source.kind, say)} · ${hostOf(source.address)}`;
  return (
    <Page
      title={title}
      crumbs={[{ label: say('console.core.nav.sources'), to: '/sources' }]}
      beside={<SourceState source={source} />}
      actions={
        <>
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
        <p className="muted" style={{ margin: 0 }}>
          {source.account} {source.account && '· '}
          {say('console.sources.checked')} <Time at={source.checked_at} />
        </p>
        {!health.ok && (
          <Notice tone="warning" title={health.message ?? health.problem}>
            {health.detail}
          </Notice>
        )}
        {check.error && <ErrorState problem={check.error} />}
        <DeployKey source={source} />
        {source.host_keys && source.host_keys.length > 0 && (
          <section aria-labelledby="host-keys">
            <Title order={2} id="host-keys" mb="xs">
              {say('console.sources.host_keys')}
            </Title>
            <CommandLine label={say('console.sources.host_keys')} text={source.host_keys.join('\n')} />
          </section>
        )}
        {source.method !== 'deploy_key' && source.method !== 'device' && <NewToken source={source} />}
        <section aria-labelledby="source-rules">
          <Title order={2} id="source-rules" mb="xs">
            {say('console.sources.rules')}
          </Title>
          {rules.data && rules.data.length > 0 ? (
            <DataTable label={say('console.sources.rules')} columns={columns} rows={rules.data} keyOf={(use) => `${use.repository} ${use.rule}`} />
          ) : (
            <p className="muted">{say('console.sources.no_rules')}</p>
          )}
        </section>
      </Stack>
      {leaving && (
        <Suspense fallback={null}>
          <Disconnect source={source} onClose={() => setLeaving(false)} onDone={() => navigate({ to: '/sources' })} />
        </Suspense>
      )}
    </Page>
  );
}

/** Puts another token in the place of the one that is kept and never shown. */
function NewToken({ source }: { source: Source }) {
  const say = useWords();
  const edit = useEditSource(source.id);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const token = String(new FormData(form).get('token') ?? '').trim();
    if (token) edit.mutate({ token }, { onSuccess: () => form.reset() });
  };
  const wrong = isProblem(edit.error) && edit.error.field === 'token' ? edit.error.detail : undefined;
  return (
    <form onSubmit={submit} noValidate autoComplete="off">
      <Stack gap="sm" maw={480}>
        <Group align="flex-end" gap="sm" wrap="nowrap">
          <PasswordInput flex={1} name="token" label={say('console.sources.replace_token')} placeholder={say('console.sources.token_set')} autoComplete="new-password" visibilityToggleButtonProps={{ 'aria-label': say('console.core.show_password') }} error={wrong} />
          <Button type="submit" variant="default" loading={edit.isPending}>
            {say('console.core.save')}
          </Button>
        </Group>
        {edit.error && !wrong && <ErrorState problem={edit.error} />}
      </Stack>
    </form>
  );
}
