import { Modal, Text } from '@mantine/core';
import { useSession } from '@/api/session';
import '@/app/styles/overlays';
import { useWords } from '@/app/words';
import { PasswordForm } from '@/features/session/PasswordForm';
import { announce } from '@/ui/announce';
import { TextLink } from '@/ui/links';

/** 重置密码: the account's password, which docker uses too. */
export default function ResetPassword({ onClose }: { onClose: () => void }) {
  const say = useWords();
  const { oidc } = useSession();
  const done = () => {
    announce(say('console.images.password_changed'));
    onClose();
  };
  return (
    <Modal opened onClose={onClose} title={say('console.images.reset_password')} centered closeButtonProps={{ 'aria-label': say('console.core.close') }}>
      <Text c="dimmed" mb="lg">
        {say('console.images.reset_password_text')}
      </Text>
      {oidc && (
        <Text c="dimmed" mb="lg">
          {say('console.images.no_password', { provider: oidc.name })}{' '}
          <TextLink to="/account/tokens">{say('console.core.tokens')}</TextLink>
        </Text>
      )}
      <PasswordForm onDone={done} onCancel={onClose} />
    </Modal>
  );
}
