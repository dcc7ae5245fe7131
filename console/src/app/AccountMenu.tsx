import { IconLogout, IconUser } from '@tabler/icons-react';
import { type SignedInUser, useSignOut } from '@/api/session';
import { ActionMenu } from '@/ui/ActionMenu';
import { usePhone } from '@/ui/phone';
import { useWords } from './words';

/** The signed-in person's own places, and the way out. */
export function AccountMenu({ user }: { user: SignedInUser }) {
  const say = useWords();
  const phone = usePhone();
  const signOut = useSignOut();
  const icon = <IconUser size={18} aria-hidden />;
  return (
    <ActionMenu
      label={say('console.core.account', { user: user.username })}
      icon={icon}
      text={phone ? undefined : user.username}
      items={[{ label: say('console.core.sign_out'), icon: <IconLogout size={16} aria-hidden />, onSelect: () => signOut.mutate() }]}
    />
  );
}
