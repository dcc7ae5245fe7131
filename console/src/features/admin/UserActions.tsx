import { Text } from '@mantine/core';
import { IconDots, IconKey, IconPencil, IconPlayerPause, IconPlayerPlay, IconShield, IconShieldOff, IconTrash } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';
import { useSession } from '@/api/session';
import { useEditUser, type User, type UserChanges } from '@/api/users';
import { useWords, type WordKey } from '@/app/words';
import { ActionMenu } from '@/ui/ActionMenu';
import { announce } from '@/ui/announce';
import { RowError } from '@/ui/RowError';
import type { UsersSearch } from './search';

const Confirm = lazy(() => import('@/ui/Confirm').then((file) => ({ default: file.Confirm })));
const DeleteUser = lazy(() => import('./DeleteUser'));

/** What is done only after saying what follows from it. */
const questions = {
  admin: { changes: { admin: true }, action: 'console.admin.users.make_admin', title: 'console.admin.users.make_admin_named', text: 'console.admin.users.make_admin_text', danger: false },
  plain: { changes: { admin: false }, action: 'console.admin.users.no_admin', title: 'console.admin.users.no_admin_named', text: 'console.admin.users.no_admin_text', danger: true },
  disable: { changes: { disabled: true }, action: 'console.admin.users.disable', title: 'console.admin.users.disable_named', text: 'console.admin.users.disable_text', danger: true },
} satisfies Record<string, { changes: UserChanges; action: WordKey; title: WordKey; text: WordKey; danger: boolean }>;

interface UserActionsProps {
  user: User;
  /** Opens a form over the list. */
  onOpen: (part: Pick<UsersSearch, 'edit' | 'reset'>) => void;
}

/** What is done to one account of the list. */
export function UserActions({ user, onOpen }: UserActionsProps) {
  const say = useWords();
  const session = useSession();
  const edit = useEditUser(user.username);
  const [asked, setAsked] = useState<keyof typeof questions | 'delete'>();
  const close = () => {
    edit.reset();
    setAsked(undefined);
  };
  const own = session.user?.username === user.username ? say('console.admin.users.own') : undefined;
  const change = (changes: UserChanges) =>
    edit.mutate(changes, {
      onSuccess: () => {
        announce(say('console.core.saved'));
        setAsked(undefined);
      },
    });
  const question = asked && asked !== 'delete' ? questions[asked] : undefined;
  return (
    <>
      <ActionMenu
        label={say('console.core.actions_for', { name: user.username })}
        icon={<IconDots size={18} aria-hidden />}
        items={[
          { label: say('console.core.edit'), icon: <IconPencil size={16} aria-hidden />, onSelect: () => onOpen({ edit: user.username }) },
          { label: say('console.admin.users.reset'), icon: <IconKey size={16} aria-hidden />, unless: own && say('console.admin.users.own_password'), onSelect: () => onOpen({ reset: user.username }) },
          user.admin
            ? { label: say('console.admin.users.no_admin'), icon: <IconShieldOff size={16} aria-hidden />, unless: own, onSelect: () => setAsked('plain') }
            : { label: say('console.admin.users.make_admin'), icon: <IconShield size={16} aria-hidden />, onSelect: () => setAsked('admin') },
          user.disabled
            ? { label: say('console.admin.users.enable'), icon: <IconPlayerPlay size={16} aria-hidden />, onSelect: () => change({ disabled: false }) }
            : { label: say('console.admin.users.disable'), icon: <IconPlayerPause size={16} aria-hidden />, unless: own, onSelect: () => setAsked('disable') },
          { label: say('console.admin.users.delete'), icon: <IconTrash size={16} aria-hidden />, danger: true, unless: own, onSelect: () => setAsked('delete') },
        ]}
      />
      {/* Whoever is asked first is told where it was asked. */}
      {!question && <RowError problem={edit.error} />}
      <Suspense fallback={null}>
        {asked === 'delete' && <DeleteUser username={user.username} onClose={close} />}
        {question && (
          <Confirm
            title={say(question.title, { name: user.username })}
            action={say(question.action)}
            danger={question.danger}
            onConfirm={() => change(question.changes)}
            onClose={close}
            pending={edit.isPending}
            problem={edit.error}
          >
            <Text>{say(question.text)}</Text>
          </Confirm>
        )}
      </Suspense>
    </>
  );
}
