import type { ErrorComponentProps } from '@tanstack/react-router';
import { useRouter } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { isProblem } from '@/api/problem';
import { ErrorState } from '@/ui/ErrorState';
import { isMissingPart } from './again';
import { MissingPage } from './MissingPage';
import { Page } from './Page';
import { PageSkeleton } from './PageSkeleton';
import { useWords } from './words';

const ForbiddenPage = lazy(() => import('./ForbiddenPage'));

/** A page that could not be read: not there, not allowed, or not now. */
export function FailedPage({ error, reset }: ErrorComponentProps) {
  const say = useWords();
  const router = useRouter();
  // Whoever is not signed in is not told whether it is there.
  if (isProblem(error, 'not_found', 'unauthenticated')) return <MissingPage />;
  if (isProblem(error, 'denied')) {
    return (
      <Suspense fallback={<PageSkeleton />}>
        <ForbiddenPage problem={error} />
      </Suspense>
    );
  }
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
