import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { isProblem } from '@/api/problem';
import { useResetPassword, type User } from '@/api/users';
import '@/app/styles/overlays';
import { useWords } from '@/app/words';
import { announce } from '@/ui/announce';
import { ErrorState } from '@/ui/ErrorState';
import { MadePassword } from './MadePassword';
import { PasswordChoice, SHORTEST } from './PasswordChoice';

interface ResetUserPasswordProps {
  user: User;
  onClose: () => void;
}

/** Another password for an account: the old one is worth nothing at once. */
export default function ResetUserPassword({ user, onClose }: ResetUserPasswordProps) {
  const say = useWords();
  const reset = useResetPassword(user.username);
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
  if (reset.data?.password) return <MadePassword username={user.username} password={reset.data.password} onClose={onClose} />;
  const weak = isProblem(reset.error, 'weak_password') ? [reset.error.detail, reset.error.hint].filter(Boolean).join(' ') : undefined;
  return (
    <Modal opened onClose={onClose} title={say('console.admin.users.reset_named', { name: user.username })} centered closeOnClickOutside={false} closeButtonProps={{ 'aria-label': say('console.core.close') }}>
      <form onSubmit={submit} noValidate>
        <Stack gap="lg">
          <Text>{say('console.admin.users.reset_text')}</Text>
          <PasswordChoice value={password} onChange={setPassword} error={short ? say('console.core.password_short', { least: SHORTEST }) : weak} />
          {reset.error && !weak && <ErrorState problem={reset.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {say('console.core.cancel')}
            </Button>
            <Button type="submit" loading={reset.isPending}>
              {say('console.admin.users.reset')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
