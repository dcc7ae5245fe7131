import type { ErrorComponentProps } from '@tanstack/react-router';
import { useRouter } from '@tanstack/react-router';
import { isProblem } from '@/api/problem';
import { ErrorState } from '@/ui/ErrorState';
import { isMissingPart } from './again';
import { ForbiddenPage } from './ForbiddenPage';
import { MissingPage } from './MissingPage';
import { Page } from './Page';
import { useWords } from './words';

/** A page that could not be read: not there, not allowed, or not now. */
export function FailedPage({ error, reset }: ErrorComponentProps) {
  const say = useWords();
  const router = useRouter();
  // Whoever is not signed in is not told whether it is there.
  if (isProblem(error, 'not_found', 'unauthenticated')) return <MissingPage />;
  if (isProblem(error, 'denied')) return <ForbiddenPage problem={error} />;
  const retry = () => {
    // Some browsers do not ask again for a part that did not arrive once.
    if (isMissingPart(error)) return window.location.reload();
    reset();
    router.invalidate();
  };
  return (
    <Page title={say('console.core.failed')}>
      <ErrorState problem={error} retry={retry} />
    </Page>
  );
}
