import { Button, Code, Group, PasswordInput, Stack, Textarea, TextInput, Title } from '@mantine/core';
import { type FormEvent, useRef, useState } from 'react';
import { isProblem } from '@/api/problem';
import { type ConnectedSource, type SourceKind, useConnectSource } from '@/api/sources';
import { LeaveGuard } from '@/app/LeaveGuard';
import { useWords } from '@/app/words';
import { Disclosure } from '@/ui/Disclosure';
import { ErrorState } from '@/ui/ErrorState';
import { ButtonLink } from '@/ui/links';
import { tokenScopes, usualAddress } from './kinds';

interface TokenFormProps {
  kind: SourceKind;
  onConnected: (source: ConnectedSource) => void;
}

const fieldNames = new Set(['address', 'username', 'token', 'ca', 'host_keys']);

/** 服务地址, 用户名, 私有Token: the host is asked before anything is kept. */
export function TokenForm({ kind, onConnected }: TokenFormProps) {
  const say = useWords();
  const form = useRef<HTMLFormElement>(null);
  const connect = useConnectSource();
  const [address, setAddress] = useState(usualAddress[kind] ?? '');
  const [own, setOwn] = useState<Record<string, string>>({});
  const [typing, setTyping] = useState(false);
  const overSsh = kind === 'git' && /^ssh:\/\//i.test(address.trim());
  const token = kind === 'git' ? 'console.sources.password' : kind === 'gitlab' ? 'console.sources.private_token' : 'console.sources.token';

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    const given = (field: string) => String(data.get(field) ?? '').trim() || undefined;
    const wrong: Record<string, string> = {};
    if (!address.trim()) wrong.address = say('console.core.required');
    if (kind !== 'git' && !given('token')) wrong.token = say('console.core.required');
    setOwn(wrong);
    if (Object.keys(wrong).length > 0) return focusFirst();
    connect.mutate(
      { kind, address: address.trim(), username: given('username'), token: given('token'), ca: given('ca'), host_keys: given('host_keys') },
      { onSuccess: onConnected, onError: focusFirst },
    );
  };
  const focusFirst = () => requestAnimationFrame(() => form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
  const problem = isProblem(connect.error) ? connect.error : undefined;
  const errorOf = (field: string) => own[field] ?? (problem?.field === field ? problem.beside : undefined);
  const general = connect.error && !(problem?.field && fieldNames.has(problem.field));
  return (
    <form ref={form} onSubmit={submit} onChange={() => setTyping(true)} noValidate autoComplete="off">
      <LeaveGuard dirty={typing && !connect.isPending && !connect.isSuccess} />
      <Stack gap="lg">
        {kind === 'github' && <Title order={2}>{say('console.sources.with_token')}</Title>}
        <TextInput
          label={say('console.sources.server')}
          description={say(kind === 'git' ? 'console.sources.server_git_hint' : 'console.sources.server_hint')}
          placeholder={kind === 'git' ? 'ssh://git@git.example.com/team/app.git' : (usualAddress[kind] ?? 'https://git.example.com')}
          value={address}
          onChange={(event) => setAddress(event.currentTarget.value)}
          spellCheck={false}
          autoCapitalize="none"
          inputMode="url"
          error={errorOf('address')}
        />
        {(kind === 'gitlab' || (kind === 'git' && !overSsh)) && (
          <TextInput name="username" label={say('console.sources.user_name')} description={kind === 'gitlab' ? undefined : say('console.sources.optional')} spellCheck={false} autoCapitalize="none" autoComplete="off" error={errorOf('username')} />
        )}
        {overSsh ? (
          <p className="muted" style={{ margin: 0 }}>
            {say('console.sources.ssh_key_text')}
          </p>
        ) : (
          <PasswordInput
            name="token"
            label={say(token)}
            description={
              tokenScopes[kind].length > 0 ? (
                <>
                  {say('console.sources.token_needs')}{' '}
                  {tokenScopes[kind].map((scope) => (
                    <Code key={scope} mr={4}>
                      {scope}
                    </Code>
                  ))}
                </>
              ) : (
                say('console.sources.optional')
              )
            }
            autoComplete="new-password"
            visibilityToggleButtonProps={{ 'aria-label': say('console.core.show_password') }}
            error={errorOf('token')}
          />
        )}
        <Disclosure title={say('console.sources.trust')}>
          {overSsh ? (
            <Textarea name="host_keys" label={say('console.sources.host_keys')} description={say('console.sources.host_keys_hint')} autosize minRows={2} spellCheck={false} error={errorOf('host_keys')} />
          ) : (
            <Textarea name="ca" label={say('console.sources.ca')} description={say('console.sources.ca_hint')} placeholder="-----BEGIN CERTIFICATE-----" autosize minRows={3} spellCheck={false} error={errorOf('ca')} />
          )}
        </Disclosure>
        {general && <ErrorState problem={connect.error} />}
        <Group>
          <Button type="submit" loading={connect.isPending}>
            {say('console.sources.connect')}
          </Button>
          <ButtonLink to="/sources" variant="default">
            {say('console.core.cancel')}
          </ButtonLink>
        </Group>
      </Stack>
    </form>
  );
}
