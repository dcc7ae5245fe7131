import { Alert, Button, PasswordInput, Stack, Text, TextInput, Title } from '@mantine/core';
import { IconAlertOctagonFilled } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { isProblem } from '@/api/problem';
import { useSession, useSignIn } from '@/api/session';
import { PlainPage } from '@/app/PlainPage';
import { readNext } from '@/app/urls';
import { useWords } from '@/app/words';
import { ErrorState } from '@/ui/ErrorState';
import { Unencrypted } from './Unencrypted';

/** Where people sign in; `next` is where they were going. */
export function SignInPage({ next }: { next?: string }) {
  const say = useWords();
  const session = useSession();
  const title = say('console.core.sign_in_to', { host: session.address || window.location.host });
  useEffect(() => {
    document.title = `${say('console.core.sign_in')} · wharf`;
  }, [say]);
  return (
    <PlainPage>
      <Stack gap="lg">
        <Title order={1} tabIndex={-1}>
          {title}
        </Title>
        {session.login_possible ? <SignInForm next={next} /> : <Unencrypted />}
        {session.oidc && (
          <Button component="a" variant="default" href={`/auth/oidc?next=${encodeURIComponent(readNext(next))}`}>
            {say('console.core.continue_with', { provider: session.oidc.name })}
          </Button>
        )}
      </Stack>
    </PlainPage>
  );
}

function SignInForm({ next }: { next?: string }) {
  const say = useWords();
  const navigate = useNavigate();
  const signIn = useSignIn();
  const username = useRef<HTMLInputElement>(null);
  const password = useRef<HTMLInputElement>(null);
  const [missing, setMissing] = useState<'username' | 'password'>();

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const login = { username: username.current?.value.trim() ?? '', password: password.current?.value ?? '' };
    const first = login.username === '' ? 'username' : login.password === '' ? 'password' : undefined;
    setMissing(first);
    if (first) {
      (first === 'username' ? username : password).current?.focus();
      return;
    }
    try {
      const { user } = await signIn.mutateAsync(login);
      const target = readNext(next);
      if (user?.must_change_password) await navigate({ to: '/set-password', search: { next: target }, replace: true });
      else await navigate({ href: target, replace: true });
    } catch {
      // Said above the fields; what was typed stays.
      password.current?.focus();
      password.current?.select();
    }
  };
  const required = say('console.core.required');
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="lg">
        {signIn.error && <Refused error={signIn.error} />}
        <TextInput ref={username} label={say('console.core.username')} name="username" autoComplete="username" autoCapitalize="none" spellCheck={false} error={missing === 'username' && required} />
        <PasswordInput
          ref={password}
          label={say('console.core.password')}
          name="password"
          autoComplete="current-password"
          visibilityToggleButtonProps={{ 'aria-label': say('console.core.show_password') }}
          error={missing === 'password' && required}
        />
        <Button type="submit" loading={signIn.isPending} fullWidth>
          {say('console.core.sign_in')}
        </Button>
      </Stack>
    </form>
  );
}

/** The same sentence whether the name or the password is wrong. */
function Refused({ error }: { error: Error }) {
  const say = useWords();
  if (!isProblem(error, 'unauthenticated')) return <ErrorState problem={error} />;
  return (
    <Alert role="alert" color="danger" variant="outline" icon={<IconAlertOctagonFilled size={18} />}>
      <Text>{say('console.core.wrong_login')}</Text>
    </Alert>
  );
}
