import { lazy, Suspense } from 'react';
import { useSession } from '@/api/session';
import { useWords } from './words';

const Notice = lazy(() => import('@/ui/Notice').then((file) => ({ default: file.Notice })));

/** A standing warning where the operator allowed sign-ins that anybody on the way can read. */
export function ConnectionBar() {
  const say = useWords();
  const { insecure } = useSession();
  if (!insecure) return null;
  return (
    <div style={{ marginBottom: 24 }}>
      <Suspense fallback={null}>
        <Notice tone="warning" title={say('console.core.insecure')}>
          {say('console.core.insecure_text')}
        </Notice>
      </Suspense>
    </div>
  );
}
