import { Checkbox, Select, Stack, TextInput } from '@mantine/core';
import { type FormEvent, useRef, useState } from 'react';
import { isProblem } from '@/api/problem';
import { useSession } from '@/api/session';
import { type TokenAction, useCreateToken } from '@/api/tokens';
import { FormOverlay } from '@/app/Overlay';
import { useWords } from '@/app/words';
import { ErrorState } from '@/ui/ErrorState';
import { sayAction, tokenActions } from './actions';
import { DAY, lifetimes } from './lifetimes';
import { SecretOnce } from './SecretOnce';

/** Makes a token and shows its secret once. */
export default function CreateToken({ onClose }: { onClose: () => void }) {
  const say = useWords();
  const { user } = useSession();
  const create = useCreateToken();
  const name = useRef<HTMLInputElement>(null);
  const [actions, setActions] = useState<string[]>(['pull', 'push']);
  const [days, setDays] = useState<string | null>(lifetimes[0]);
  const [wrong, setWrong] = useState<{ name?: string; actions?: string }>({});

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const typed = name.current?.value.trim() ?? '';
    const missing = {
      name: typed === '' ? say('console.core.required') : undefined,
      actions: actions.length === 0 ? say('console.account.choose_action') : undefined,
    };
    setWrong(missing);
    if (missing.name) name.current?.focus();
    if (missing.name || missing.actions) return;
    const expires = days ? new Date(Date.now() + Number(days) * DAY).toISOString() : null;
    try {
      await create.mutateAsync({ name: typed, actions: actions as TokenAction[], expires_at: expires });
    } catch (error) {
      if (isProblem(error) && error.field === 'name') {
        setWrong({ name: error.beside });
        name.current?.focus();
      }
    }
  };
  if (create.data) {
    return (
      <SecretOnce
        title={say('console.account.token_made')}
        secret={create.data.secret}
        once={say('console.account.shown_once')}
        label={say('console.account.token')}
        login={user?.username ?? ''}
        onClose={onClose}
      />
    );
  }
  return (
    <FormOverlay
      title={say('console.account.create_token')}
      onClose={onClose}
      onSubmit={submit}
      submit={say('console.account.create_token')}
      saves={create}
      changed={days !== lifetimes[0]}
    >
      <TextInput ref={name} data-autofocus label={say('console.account.token_name')} description={say('console.account.token_name_hint')} autoComplete="off" error={wrong.name} />
      <Checkbox.Group label={say('console.account.token_actions')} value={actions} onChange={setActions} error={wrong.actions}>
        <Stack gap={8} mt={4}>
          {tokenActions.map((action) => (
            <Checkbox key={action} value={action} label={sayAction(action, say)} />
          ))}
        </Stack>
      </Checkbox.Group>
      <Select
        label={say('console.account.token_expires')}
        data={lifetimes.map((each) => ({ value: each, label: each ? say('console.account.days', { count: Number(each) }) : say('console.account.never') }))}
        value={days}
        onChange={setDays}
        allowDeselect={false}
      />
      {create.error && !wrong.name && <ErrorState problem={create.error} />}
    </FormOverlay>
  );
}
