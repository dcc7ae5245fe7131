import { Radio, Stack, TextInput } from '@mantine/core';
import { type FormEvent, useRef, useState } from 'react';
import { type Member, type MemberRole, useSetMember } from '@/api/members';
import { isProblem } from '@/api/problem';
import { FormOverlay } from '@/app/Overlay';
import { sayRole } from '@/app/roles';
import { useWords } from '@/app/words';
import { announce } from '@/ui/announce';
import { ErrorState } from '@/ui/ErrorState';
import { memberRoles, roleTexts } from './roles';

interface MemberFormProps {
  namespace: string;
  /** Whose role is changed; somebody new where this is missing. */
  member?: Member;
  onClose: () => void;
}

/** Gives somebody a role in a namespace, or another one; each role says what it may. */
export default function MemberForm({ namespace, member, onClose }: MemberFormProps) {
  const say = useWords();
  const set = useSetMember(namespace);
  const name = useRef<HTMLInputElement>(null);
  const [role, setRole] = useState<string>(member?.role ?? 'developer');
  const [wrong, setWrong] = useState<string>();

  const refuse = (text: string) => {
    setWrong(text);
    name.current?.focus();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const username = member?.username ?? name.current?.value.trim() ?? '';
    if (username === '') {
      refuse(say('console.core.required'));
      return;
    }
    setWrong(undefined);
    set.mutate(
      { username, role: role as MemberRole },
      {
        onSuccess: () => {
          announce(say('console.core.saved'));
          onClose();
        },
        onError: (error) => {
          if (!member && isProblem(error, 'not_found')) refuse(say('console.namespaces.no_such_user', { name: username }));
        },
      },
    );
  };
  const title = member ? say('console.namespaces.change_role_of', { name: member.username }) : say('console.namespaces.add_member');
  return (
    <FormOverlay title={title} onClose={onClose} onSubmit={submit} submit={member ? say('console.core.save') : say('console.namespaces.add_member')} saves={set}>
      {!member && (
        <TextInput
          ref={name}
          data-autofocus
          label={say('console.core.username')}
          description={say('console.namespaces.username_hint')}
          autoCapitalize="none"
          autoComplete="off"
          spellCheck={false}
          error={wrong}
        />
      )}
      <Radio.Group label={say('console.namespaces.role')} value={role} onChange={setRole}>
        <Stack gap="sm" mt={4}>
          {memberRoles.map((each) => (
            <Radio key={each} value={each} label={sayRole(each, say)} description={say(roleTexts[each])} />
          ))}
        </Stack>
      </Radio.Group>
      {set.error && !wrong && <ErrorState problem={set.error} />}
    </FormOverlay>
  );
}
