import { Button, Group, PasswordInput, Stack } from '@mantine/core';
import { type FormEvent, useRef, useState } from 'react';
import { useChangePassword } from '@/api/me';
import { isProblem } from '@/api/problem';
import { LeaveGuard } from '@/app/LeaveGuard';
import { CancelButton } from '@/app/Overlay';
import { useWords } from '@/app/words';
import { ErrorState } from '@/ui/ErrorState';

const fields = ['current_password', 'new_password', 'again'] as const;
type Field = (typeof fields)[number];

/** The server refuses less than this; saying it here saves a round. */
const SHORTEST = 8;

interface PasswordFormProps {
  onDone: () => void;
  /** Whether it is in an overlay that can be closed; elsewhere there is nothing to go back to. */
  cancels?: boolean;
}

/** Another password for oneself: the current one, the new one twice. */
export function PasswordForm({ onDone, cancels = false }: PasswordFormProps) {
  const say = useWords();
  const change = useChangePassword();
  const form = useRef<HTMLFormElement>(null);
  const [wrong, setWrong] = useState<Partial<Record<Field, string>>>({});
  const [typed, setTyped] = useState(false);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const data = new FormData(form.current ?? undefined);
    const read = (field: Field) => String(data.get(field) ?? '');
    const found: Partial<Record<Field, string>> = {};
    if (read('current_password') === '') found.current_password = say('console.core.required');
    if (read('new_password').length < SHORTEST) found.new_password = say('console.core.password_short', { least: SHORTEST });
    else if (read('again') !== read('new_password')) found.again = say('console.core.password_differs');
    setWrong(found);
    const first = fields.find((field) => found[field]);
    if (first) {
      focusField(first);
      return;
    }
    try {
      await change.mutateAsync({ current_password: read('current_password'), new_password: read('new_password') });
      onDone();
    } catch (error) {
      if (isProblem(error, 'wrong_password')) {
        setWrong({ current_password: error.beside });
        focusField('current_password');
      } else if (isProblem(error, 'weak_password')) {
        setWrong({ new_password: [error.detail, error.hint].filter(Boolean).join(' ') });
        focusField('new_password');
      }
    }
  };
  const focusField = (field: Field) => form.current?.querySelector<HTMLInputElement>(`[name=${field}]`)?.focus();
  const shown = change.error && !isProblem(change.error, 'wrong_password', 'weak_password') ? change.error : undefined;
  const toggle = { 'aria-label': say('console.core.show_password') };
  return (
    <form ref={form} onSubmit={submit} onChange={() => setTyped(true)} noValidate>
      <LeaveGuard dirty={typed && !change.isPending && !change.isSuccess} />
      <Stack gap="lg">
        <PasswordInput name="current_password" label={say('console.core.current_password')} autoComplete="current-password" visibilityToggleButtonProps={toggle} error={wrong.current_password} />
        <PasswordInput name="new_password" label={say('console.core.new_password')} description={say('console.core.password_hint', { least: SHORTEST })} autoComplete="new-password" visibilityToggleButtonProps={toggle} error={wrong.new_password} />
        <PasswordInput name="again" label={say('console.core.password_again')} autoComplete="new-password" visibilityToggleButtonProps={toggle} error={wrong.again} />
        {shown && <ErrorState problem={shown} />}
        <Group justify="flex-end">
          {cancels && <CancelButton />}
          <Button type="submit" loading={change.isPending}>
            {say('console.core.save')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
