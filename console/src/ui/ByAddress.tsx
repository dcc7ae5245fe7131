import { type QueryKey, useQuery, type UseQueryOptions } from '@tanstack/react-query';
import { lazy, type ReactNode, Suspense } from 'react';

const Gone = lazy(() => import('./Gone'));

interface ByAddressProps<One, Key extends QueryKey> {
  /** The row, where the list has it. */
  known: One | undefined;
  /** What asks for it alone: an address may name a row of a page that nobody scrolled to. */
  query: UseQueryOptions<One, Error, One, Key>;
  onClose: () => void;
  children: (one: One) => ReactNode;
}

/** What an address opens of a list: the row that it names, or that this is gone. */
export function ByAddress<One, Key extends QueryKey>({ known, query, onClose, children }: ByAddressProps<One, Key>) {
  const asked = useQuery({ ...query, enabled: known === undefined });
  const one = known ?? asked.data;
  return (
    <Suspense fallback={null}>
      {one !== undefined ? children(one) : asked.error && <Gone problem={asked.error} onClose={onClose} />}
    </Suspense>
  );
}
