import { Checkbox, TextInput } from '@mantine/core';
import { type FormEvent, useRef, useState } from 'react';
import { isProblem } from '@/api/problem';
import { useCreateUser } from '@/api/users';
import { FormOverlay } from '@/app/Overlay';
import { useWords } from '@/app/words';
import { announce } from '@/ui/announce';
import { ErrorState } from '@/ui/ErrorState';
import { MadePassword } from './MadePassword';
import { PasswordChoice, SHORTEST } from './PasswordChoice';

const fields = ['username', 'display_name', 'email', 'password'] as const;
type Field = (typeof fields)[number];

/** A new account, with the namespace of its name. */
export default function CreateUser({ onClose }: { onClose: () => void }) {
  const say = useWords();
  const create = useCreateUser();
  const form = useRef<HTMLFormElement>(null);
  const [password, setPassword] = useState<string>();
  const [wrong, setWrong] = useState<Partial<Record<Field, string>>>({});
  const refuse = (found: Partial<Record<Field, string>>) => {
    setWrong(found);
    const first = fields.find((field) => found[field]);
    if (first) form.current?.querySelector<HTMLInputElement>(`[name=${first}]`)?.focus();
    return first !== undefined;
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const data = new FormData(form.current ?? undefined);
    const read = (field: Field) => String(data.get(field) ?? '').trim();
    const username = read('username');
    const found = {
      username: username === '' ? say('console.core.required') : undefined,
      password: password !== undefined && password.length < SHORTEST ? say('console.core.password_short', { least: SHORTEST }) : undefined,
    };
    if (refuse(found)) return;
    try {
      const made = await create.mutateAsync({ username, password, display_name: read('display_name'), email: read('email'), admin: data.has('admin') });
      announce(say('console.admin.users.created', { name: username }));
      if (!made.password) onClose();
    } catch (error) {
      if (!isProblem(error)) return;
      if (error.code === 'conflict') refuse({ username: error.beside });
      else if (error.code === 'weak_password') refuse({ password: [error.detail, error.hint].filter(Boolean).join(' ') });
      else if (fields.some((field) => field === error.field)) refuse({ [error.field as Field]: error.beside });
    }
  };
  if (create.data?.password) return <MadePassword username={create.data.username} password={create.data.password} onClose={onClose} />;
  const shown = create.error && !Object.values(wrong).some(Boolean) ? create.error : undefined;
  return (
    <FormOverlay
      drawer
      title={say('console.admin.users.create')}
      onClose={onClose}
      formRef={form}
      onSubmit={submit}
      submit={say('console.admin.users.create')}
      saves={create}
    >
      <TextInput name="username" data-autofocus label={say('console.core.username')} description={say('console.admin.users.username_hint')} autoComplete="off" autoCapitalize="none" spellCheck={false} error={wrong.username} />
      <TextInput name="display_name" label={say('console.admin.users.display_name')} autoComplete="off" error={wrong.display_name} />
      <TextInput name="email" type="email" label={say('console.admin.users.email')} autoComplete="off" error={wrong.email} />
      <PasswordChoice value={password} onChange={setPassword} error={wrong.password} />
      <Checkbox name="admin" label={say('console.admin.users.admin')} description={say('console.admin.users.admin_hint')} />
      {shown && <ErrorState problem={shown} />}
    </FormOverlay>
  );
}
