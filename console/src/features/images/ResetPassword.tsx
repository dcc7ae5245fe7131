import { Text } from '@mantine/core';
import { useSession } from '@/api/session';
import { Overlay } from '@/app/Overlay';
import { useWords } from '@/app/words';
import { PasswordForm } from '@/features/session/PasswordForm';
import { announce } from '@/ui/announce';
import { ButtonLink } from '@/ui/links';

/** 重置密码: the account's password, which docker uses too. Who signs in elsewhere has none, and makes a token instead. */
export default function ResetPassword({ onClose }: { onClose: () => void }) {
  const say = useWords();
  const { user } = useSession();
  const done = () => {
    announce(say('console.images.password_changed'));
    onClose();
  };
  return (
    <Overlay onClose={onClose} title={say('console.images.reset_password')}>
      <Text c="dimmed" mb="lg">
        {say(user?.has_password ? 'console.images.reset_password_text' : 'console.images.no_password')}
      </Text>
      {user?.has_password ? (
        <PasswordForm onDone={done} cancels />
      ) : (
        <ButtonLink to="/account/tokens">{say('console.images.create_token')}</ButtonLink>
      )}
    </Overlay>
  );
}
