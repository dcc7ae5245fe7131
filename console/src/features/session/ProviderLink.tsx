import { Button } from '@mantine/core';
import type { Session } from '@/api/session';
import { useWords } from '@/app/words';

interface ProviderLinkProps {
  provider: NonNullable<Session['oidc']>;
  /** Where somebody goes on to who signed in there. */
  next: string;
  /** Leaves this page as it is. */
  newTab?: boolean;
}

/** A plain link: the server sends the browser on to the identity provider. */
export function ProviderLink({ provider, next, newTab }: ProviderLinkProps) {
  const say = useWords();
  return (
    <Button component="a" href={`/auth/oidc/start?next=${encodeURIComponent(next)}`} target={newTab ? '_blank' : undefined} variant="default" fullWidth>
      {say('console.core.continue_with', { provider: provider.name })}
    </Button>
  );
}
