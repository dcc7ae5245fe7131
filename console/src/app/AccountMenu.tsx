import { IconDevices, IconId, IconKey, IconLogout, IconPalette, IconUser } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { type SignedInUser, useSignOut } from '@/api/session';
import { ActionMenu } from '@/ui/ActionMenu';
import { usePhone } from '@/ui/phone';
import classes from './AccountMenu.module.css';
import { useWords } from './words';

const RowError = lazy(() => import('@/ui/RowError').then((file) => ({ default: file.RowError })));

/** The signed-in person's own places, and the way out. */
export function AccountMenu({ user }: { user: SignedInUser }) {
  const say = useWords();
  const phone = usePhone();
  const signOut = useSignOut();
  const navigate = useNavigate();
  const icon = <IconUser size={18} aria-hidden />;
  return (
    <>
      <ActionMenu
        label={say('console.core.account', { user: user.username })}
        icon={icon}
        text={phone ? undefined : user.username}
        items={[
          { label: say('console.core.profile'), icon: <IconId size={16} aria-hidden />, onSelect: () => void navigate({ to: '/account' }) },
          { label: say('console.core.tokens'), icon: <IconKey size={16} aria-hidden />, onSelect: () => void navigate({ to: '/account/tokens' }) },
          { label: say('console.core.sessions'), icon: <IconDevices size={16} aria-hidden />, onSelect: () => void navigate({ to: '/account/sessions' }) },
          { label: say('console.core.theme_menu'), icon: <IconPalette size={16} aria-hidden />, onSelect: () => void navigate({ to: '/account/appearance' }) },
          { label: say('console.core.sign_out'), icon: <IconLogout size={16} aria-hidden />, onSelect: () => signOut.mutate() },
        ]}
      />
      {signOut.error && (
        <div className={classes.failed}>
          <Suspense fallback={null}>
            <RowError problem={signOut.error} />
          </Suspense>
        </div>
      )}
    </>
  );
}
