import { Alert, Button, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { IconAlertOctagonFilled } from '@tabler/icons-react';
import { type FormEvent, useRef, useState } from 'react';
import { isProblem } from '@/api/problem';
import { type Session, useSignIn } from '@/api/session';
import { useWords } from '@/app/words';
import { ErrorState } from '@/ui/ErrorState';

/** Name and password. What was typed stays where they are refused. */
export function SignInForm({ onDone }: { onDone: (session: Session) => void }) {
  const say = useWords();
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
      onDone(await signIn.mutateAsync(login));
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
