import { Stack, Title } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useEffect } from 'react';
import { type Session, useSession } from '@/api/session';
import { PlainPage } from '@/app/PlainPage';
import { readNext } from '@/app/urls';
import { useWords } from '@/app/words';
import { TextLink } from '@/ui/links';
import { ProviderLink } from './ProviderLink';
import { SignInForm } from './SignInForm';

const Unencrypted = lazy(() => import('./Unencrypted'));

/** Where people sign in; `next` is where they were going. */
export function SignInPage({ next }: { next?: string }) {
  const say = useWords();
  const session = useSession();
  const navigate = useNavigate();
  const goOn = (begun: Session) => {
    const target = readNext(next);
    if (begun.must_change_password) void navigate({ to: '/set-password', search: { next: target }, replace: true });
    else void navigate({ href: target, replace: true });
  };
  const title = say('console.core.sign_in_to', { host: session.address || window.location.host });
  useEffect(() => {
    document.title = `${say('console.core.sign_in')} · wharf`;
  }, [say]);
  return (
    <PlainPage>
      <Stack gap="lg">
        <Title order={1} tabIndex={-1}>
          {title}
        </Title>
        <Suspense fallback={null}>{session.login_possible ? <SignInForm onDone={goOn} /> : <Unencrypted />}</Suspense>
        {session.login_possible && session.oidc && (
          <ProviderLink provider={session.oidc} next={readNext(next)} />
        )}
        {session.public_images && <TextLink to="/explore">{say('console.core.browse_public')}</TextLink>}
      </Stack>
    </PlainPage>
  );
}
