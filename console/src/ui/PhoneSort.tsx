import { lazy, Suspense } from 'react';
import { usePhone } from './phone';
import type { SortSelectProps } from './SortSelect';

const SortSelect = lazy(() => import('./SortSelect'));

/** The order of a list among its filters, where no head of a column can be pressed. */
export function PhoneSort(props: SortSelectProps) {
  const phone = usePhone();
  if (!phone) return null;
  return (
    <Suspense fallback={null}>
      <SortSelect {...props} />
    </Suspense>
  );
}
