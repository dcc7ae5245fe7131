import { Button, Group, PasswordInput, Stack } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { isProblem } from '@/api/problem';
import { type Source, useEditSource } from '@/api/sources';
import { LeaveGuard } from '@/app/LeaveGuard';
import '@/app/styles/forms';
import { useWords } from '@/app/words';
import { ErrorState } from '@/ui/ErrorState';

/** Puts another token in the place of the one that is kept and never shown. */
export function ReplaceToken({ source }: { source: Source }) {
  const say = useWords();
  const edit = useEditSource(source.id);
  const [empty, setEmpty] = useState(false);
  const [typed, setTyped] = useState(false);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const token = String(new FormData(form).get('token') ?? '').trim();
    setEmpty(token === '');
    if (token) edit.mutate({ token }, { onSuccess: () => { form.reset(); setTyped(false); } });
  };
  const wrong = isProblem(edit.error) && edit.error.field === 'token' ? edit.error.beside : undefined;
  return (
    <form onSubmit={submit} onChange={() => setTyped(true)} noValidate autoComplete="off">
      <LeaveGuard dirty={typed && !edit.isPending} inPage />
      <Stack gap="sm" maw={480}>
        <Group align="flex-end" gap="sm" wrap="nowrap">
          <PasswordInput
            flex={1}
            name="token"
            label={say('console.sources.replace_token')}
            placeholder={source.method === 'none' ? undefined : say('console.sources.token_set')}
            autoComplete="new-password"
            visibilityToggleButtonProps={{ 'aria-label': say('console.core.show_password') }}
            error={empty ? say('console.core.required') : wrong}
          />
          <Button type="submit" variant="default" loading={edit.isPending}>
            {say('console.core.save')}
          </Button>
        </Group>
        {edit.isSuccess && (
          <span role="status" className="muted">
            {say('console.sources.token_replaced')}
          </span>
        )}
        {edit.error && !wrong && <ErrorState problem={edit.error} />}
      </Stack>
    </form>
  );
}
