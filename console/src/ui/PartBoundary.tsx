import { useQueryErrorResetBoundary } from '@tanstack/react-query';
import { CatchBoundary } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { ErrorState } from './ErrorState';

/** Around a part that reads for itself: where that fails, the part says so and is asked for again, and the page around it stays. */
export function PartBoundary({ children }: { children: ReactNode }) {
  const queries = useQueryErrorResetBoundary();
  return (
    <CatchBoundary
      getResetKey={() => ''}
      errorComponent={({ error, reset }) => (
        <ErrorState
          problem={error}
          retry={() => {
            queries.reset();
            reset();
          }}
        />
      )}
    >
      {children}
    </CatchBoundary>
  );
}
