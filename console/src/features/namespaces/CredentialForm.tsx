import { PasswordInput, TextInput } from '@mantine/core';
import { type FormEvent, useRef, useState } from 'react';
import { type Credential, useCreateCredential, useEditCredential, useTestCredential } from '@/api/credentials';
import { isProblem } from '@/api/problem';
import { FormOverlay } from '@/app/Overlay';
import { useWords } from '@/app/words';
import { announce } from '@/ui/announce';
import { ErrorState } from '@/ui/ErrorState';

const fields = ['host', 'username', 'password'] as const;
type Field = (typeof fields)[number];

interface CredentialFormProps {
  namespace: string;
  /** The one that is changed; a new one where this is missing. */
  credential?: Credential;
  onClose: () => void;
}

/** A login at another registry. A stored password is never shown: what is typed replaces it. It is tried as soon as it is saved. */
export default function CredentialForm({ namespace, credential, onClose }: CredentialFormProps) {
  const say = useWords();
  const create = useCreateCredential(namespace);
  const edit = useEditCredential(namespace);
  const test = useTestCredential(namespace);
  const form = useRef<HTMLFormElement>(null);
  const [wrong, setWrong] = useState<Partial<Record<Field, string>>>({});
  const [host, setHost] = useState(credential?.host ?? '');
  // A password is bound to its registry.
  const keeps = credential?.has_password && host.trim() === credential.host;

  const refuse = (found: Partial<Record<Field, string>>) => {
    setWrong(found);
    const first = fields.find((field) => found[field]);
    if (first) form.current?.querySelector<HTMLInputElement>(`[name=${first}]`)?.focus();
    return first !== undefined;
  };
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    const read = (field: Field) => String(data.get(field) ?? '');
    const required = say('console.core.required');
    const typed = { host: read('host').trim(), username: read('username').trim(), password: read('password') };
    const missing = {
      host: typed.host === '' ? required : undefined,
      username: typed.username === '' ? required : undefined,
      password: typed.password === '' && !keeps ? required : undefined,
    };
    if (refuse(missing)) return;
    try {
      const changes = { ...typed, password: typed.password || undefined };
      const saved = credential ? await edit.mutateAsync({ id: credential.id, changes }) : await create.mutateAsync(typed);
      announce(say('console.core.saved'));
      onClose();
      test.mutate(saved.id);
    } catch (error) {
      if (!isProblem(error)) return;
      const field = error.code === 'conflict' ? 'host' : fields.find((each) => each === error.field);
      if (field) refuse({ [field]: error.beside });
    }
  };
  const error = create.error ?? edit.error;
  const known = Object.values(wrong).some(Boolean);
  return (
    <FormOverlay
      title={credential ? say('console.namespaces.edit_credential_named', { name: credential.host }) : say('console.namespaces.add_credential')}
      onClose={onClose}
      formRef={form}
      onSubmit={submit}
      submit={credential ? say('console.core.save') : say('console.namespaces.add_credential')}
      saves={credential ? edit : create}
    >
      <TextInput
        name="host"
        data-autofocus
        label={say('console.namespaces.credential_host')}
        description={say('console.namespaces.credential_host_hint')}
        value={host}
        onChange={(event) => setHost(event.currentTarget.value)}
        autoCapitalize="none"
        autoComplete="off"
        spellCheck={false}
        error={wrong.host}
      />
      <TextInput
        name="username"
        label={say('console.core.username')}
        defaultValue={credential?.username}
        autoCapitalize="none"
        autoComplete="off"
        spellCheck={false}
        error={wrong.username}
      />
      <PasswordInput
        name="password"
        label={say('console.namespaces.credential_password')}
        description={credential && say(keeps ? 'console.namespaces.credential_kept' : 'console.namespaces.credential_password_lost')}
        autoComplete="new-password"
        visibilityToggleButtonProps={{ 'aria-label': say('console.core.show_password') }}
        error={wrong.password}
      />
      {error && !known && <ErrorState problem={error} />}
    </FormOverlay>
  );
}
