import { NumberInput, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { isProblem } from '@/api/problem';
import { useEditUser, type User, userQuery } from '@/api/users';
import { FormOverlay, Overlay } from '@/app/Overlay';
import { useWords } from '@/app/words';
import { announce } from '@/ui/announce';
import { ErrorState } from '@/ui/ErrorState';
import Gone from '@/ui/Gone';
import { FormSkeleton } from '@/ui/skeletons';

interface EditUserProps {
  username: string;
  onClose: () => void;
}

/** Name, address and limit of an account. */
export default function EditUser({ username, onClose }: EditUserProps) {
  const say = useWords();
  const user = useQuery(userQuery(username));
  if (user.data) return <EditForm user={user.data} onClose={onClose} />;
  if (isProblem(user.error, 'not_found')) return <Gone onClose={onClose} />;
  return (
    <Overlay drawer title={say('console.admin.users.edit_named', { name: username })} onClose={onClose}>
      {user.error ? <ErrorState problem={user.error} retry={user.refetch} /> : <FormSkeleton fields={3} />}
    </Overlay>
  );
}

function EditForm({ user, onClose }: { user: User; onClose: () => void }) {
  const say = useWords();
  const edit = useEditUser(user.username);
  const [limit, setLimit] = useState<string | number>(user.namespace_limit);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    const read = (field: string) => String(data.get(field) ?? '').trim();
    edit.mutate(
      { display_name: read('display_name'), email: read('email'), namespace_limit: limit === '' ? undefined : Number(limit) },
      {
        onSuccess: () => {
          announce(say('console.core.saved'));
          onClose();
        },
      },
    );
  };
  const wrong = (field: string) => (isProblem(edit.error) && edit.error.field === field ? edit.error.beside : undefined);
  const placed = ['display_name', 'email', 'namespace_limit'].some(wrong);
  return (
    <FormOverlay
      drawer
      title={say('console.admin.users.edit_named', { name: user.username })}
      onClose={onClose}
      onSubmit={submit}
      submit={say('console.core.save')}
      saves={edit}
    >
      <TextInput name="display_name" data-autofocus label={say('console.admin.users.display_name')} defaultValue={user.display_name} autoComplete="off" error={wrong('display_name')} />
      <TextInput name="email" type="email" label={say('console.admin.users.email')} defaultValue={user.email} autoComplete="off" error={wrong('email')} />
      <NumberInput name="namespace_limit" label={say('console.admin.users.limit')} description={say('console.admin.users.limit_hint')} value={limit} onChange={setLimit} min={0} max={100_000} allowDecimal={false} hideControls error={wrong('namespace_limit')} />
      {edit.error && !placed && <ErrorState problem={edit.error} />}
    </FormOverlay>
  );
}
