import { Button, Group, Stack, Textarea, TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useRef, useState } from 'react';
import { type Namespace, useCreateNamespace } from '@/api/namespaces';
import { isProblem } from '@/api/problem';
import { LeaveGuard } from '@/app/LeaveGuard';
import '@/app/styles/forms';
import { useWords } from '@/app/words';
import { ErrorState } from '@/ui/ErrorState';

interface NamespaceFormProps {
  onMade: (namespace: Namespace) => void;
  /** The way back, beside the button. */
  cancel: ReactNode;
}

/** A new namespace, which belongs to whoever makes it. */
export function NamespaceForm({ onMade, cancel }: NamespaceFormProps) {
  const say = useWords();
  const create = useCreateNamespace();
  const name = useRef<HTMLInputElement>(null);
  const [wrong, setWrong] = useState<string>();
  const [typing, setTyping] = useState(false);

  const refuse = (text: string) => {
    setWrong(text);
    name.current?.focus();
  };
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    const typed = String(data.get('name') ?? '').trim();
    if (typed === '') {
      refuse(say('console.core.required'));
      return;
    }
    setWrong(undefined);
    create.mutate(
      { name: typed, description: String(data.get('description') ?? '').trim() },
      {
        onSuccess: onMade,
        onError: (error) => {
          if (isProblem(error) && (error.field === 'name' || error.code === 'conflict')) refuse(error.beside);
        },
      },
    );
  };
  return (
    <form onSubmit={submit} onChange={() => setTyping(true)} noValidate>
      <LeaveGuard dirty={typing && !create.isPending && !create.isSuccess} />
      <Stack gap="lg" maw={720}>
        <TextInput
          ref={name}
          name="name"
          data-autofocus
          label={say('console.core.name')}
          description={say('console.namespaces.name_hint')}
          autoCapitalize="none"
          autoComplete="off"
          spellCheck={false}
          error={wrong}
        />
        <Textarea name="description" label={say('console.core.description')} autosize minRows={2} maxRows={8} />
        {create.error && !wrong && <ErrorState problem={create.error} />}
        <Group>
          <Button type="submit" loading={create.isPending}>
            {say('console.core.save')}
          </Button>
          {cancel}
        </Group>
      </Stack>
    </form>
  );
}
