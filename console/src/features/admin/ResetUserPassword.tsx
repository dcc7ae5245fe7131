import { Text } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { isProblem } from '@/api/problem';
import { useResetPassword } from '@/api/users';
import { FormOverlay } from '@/app/Overlay';
import { useWords } from '@/app/words';
import { announce } from '@/ui/announce';
import { ErrorState } from '@/ui/ErrorState';
import { MadePassword } from './MadePassword';
import { PasswordChoice, SHORTEST } from './PasswordChoice';

interface ResetUserPasswordProps {
  username: string;
  onClose: () => void;
}

/** Another password for an account: the old one is worth nothing at once. */
export default function ResetUserPassword({ username, onClose }: ResetUserPasswordProps) {
  const say = useWords();
  const reset = useResetPassword(username);
  const [password, setPassword] = useState<string>();
  const [short, setShort] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const isShort = password !== undefined && password.length < SHORTEST;
    setShort(isShort);
    if (isShort) return;
    reset.mutate(password, {
      onSuccess: (made) => {
        announce(say('console.core.saved'));
        if (!made.password) onClose();
      },
    });
  };
  if (reset.data?.password) return <MadePassword username={username} password={reset.data.password} onClose={onClose} />;
  const weak = isProblem(reset.error, 'weak_password') ? [reset.error.detail, reset.error.hint].filter(Boolean).join(' ') : undefined;
  return (
    <FormOverlay
      title={say('console.admin.users.reset_named', { name: username })}
      onClose={onClose}
      onSubmit={submit}
      submit={say('console.admin.users.reset')}
      saves={reset}
    >
      <Text>{say('console.admin.users.reset_text')}</Text>
      <PasswordChoice value={password} onChange={setPassword} error={short ? say('console.core.password_short', { least: SHORTEST }) : weak} />
      {reset.error && !weak && <ErrorState problem={reset.error} />}
    </FormOverlay>
  );
}
