import { IconDots, IconKey, IconPencil, IconPlayerPause, IconPlayerPlay, IconShield, IconShieldOff, IconTrash } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { useSession } from '@/api/session';
import { useEditUser, type User, type UserChanges } from '@/api/users';
import { useWords } from '@/app/words';
import { ActionMenu } from '@/ui/ActionMenu';
import { announce } from '@/ui/announce';
import { ErrorState } from '@/ui/ErrorState';

const DeleteUser = lazy(() => import('./DeleteUser'));
const ResetUserPassword = lazy(() => import('./ResetUserPassword'));

/** What is done to one account of the list. */
export function UserActions({ user }: { user: User }) {
  const say = useWords();
  const navigate = useNavigate({ from: '/admin/users' });
  const session = useSession();
  const edit = useEditUser(user.username);
  const [asked, setAsked] = useState<'password' | 'delete'>();
  const close = () => setAsked(undefined);
  const own = session.user?.username === user.username ? say('console.admin.users.own') : undefined;
  const change = (changes: UserChanges) =>
    edit.mutate(changes, { onSuccess: () => announce(say('console.core.saved')) });
  return (
    <>
      <ActionMenu
        label={say('console.core.actions_for', { name: user.username })}
        icon={<IconDots size={18} aria-hidden />}
        items={[
          {
            label: say('console.core.edit'),
            icon: <IconPencil size={16} aria-hidden />,
            onSelect: () => void navigate({ search: (before) => ({ ...before, edit: user.username }) }),
          },
          { label: say('console.admin.users.reset'), icon: <IconKey size={16} aria-hidden />, unless: own && say('console.admin.users.own_password'), onSelect: () => setAsked('password') },
          user.admin
            ? { label: say('console.admin.users.no_admin'), icon: <IconShieldOff size={16} aria-hidden />, unless: own, onSelect: () => change({ admin: false }) }
            : { label: say('console.admin.users.make_admin'), icon: <IconShield size={16} aria-hidden />, onSelect: () => change({ admin: true }) },
          user.disabled
            ? { label: say('console.admin.users.enable'), icon: <IconPlayerPlay size={16} aria-hidden />, onSelect: () => change({ disabled: false }) }
            : { label: say('console.admin.users.disable'), icon: <IconPlayerPause size={16} aria-hidden />, unless: own, onSelect: () => change({ disabled: true }) },
          { label: say('console.admin.users.delete'), icon: <IconTrash size={16} aria-hidden />, danger: true, unless: own, onSelect: () => setAsked('delete') },
        ]}
      />
      {edit.error && <ErrorState problem={edit.error} />}
      <Suspense fallback={null}>
        {asked === 'password' && <ResetUserPassword user={user} onClose={close} />}
        {asked === 'delete' && <DeleteUser username={user.username} onClose={close} />}
      </Suspense>
    </>
  );
}
