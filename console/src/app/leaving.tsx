// Asking before unsaved input is left, in one way: by a link or by Back, by closing what it is typed in, and by the browser itself
// where the window is closed.
import { useBlocker } from '@tanstack/react-router';
import { createContext, lazy, type ReactNode, Suspense, useRef, useState } from 'react';
import { useWords } from './words';

const Confirm = lazy(() => import('@/ui/Confirm').then((file) => ({ default: file.Confirm })));

interface Place {
  pathname: string;
  search: object;
}

/** The search over everything opens above a page and takes nothing from it. */
const beneathSearch = (search: object) => JSON.stringify({ ...search, search: undefined });

const losesNothing = (from: Place, to: Place, inPage: boolean) =>
  from.pathname === to.pathname && (inPage || beneathSearch(from.search) === beneathSearch(to.search));

interface Leaving {
  /** Whether the question is open. */
  asking: boolean;
  /** Does what leaves the input, at once or, where it is dirty `now`, after the question. */
  leave: (go: () => void, now: boolean) => void;
  question: ReactNode;
}

/** `inPage`: the input stays while the path does, whatever else the address says. */
export function useLeaving(dirty: boolean, inPage = false): Leaving {
  const say = useWords();
  // What was answered once is not asked again by the navigation that follows from it.
  const left = useRef(false);
  const [going, setGoing] = useState<() => void>();
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) => dirty && !left.current && !losesNothing(current, next, inPage),
    enableBeforeUnload: dirty,
    disabled: !dirty,
    withResolver: true,
  });
  const asking = going !== undefined || blocker.status === 'blocked';
  const stay = () => {
    setGoing(undefined);
    blocker.reset?.();
  };
  const discard = () => {
    left.current = true;
    setGoing(undefined);
    if (going) going();
    else blocker.proceed?.();
  };
  const question = asking && (
    <Suspense fallback={null}>
      <Confirm
        title={say('console.core.leave')}
        action={say('console.core.leave_discard')}
        cancel={say('console.core.leave_stay')}
        danger
        onConfirm={discard}
        onClose={stay}
        pending={false}
        problem={undefined}
      >
        {say('console.core.leave_text')}
      </Confirm>
    </Suspense>
  );
  return { asking, leave: (go, now) => (now ? setGoing(() => go) : go()), question };
}

/** Where the input is in an overlay, the overlay asks: it can be closed in more ways than by its address. */
export const AroundInput = createContext<((dirty: boolean) => void) | undefined>(undefined);
