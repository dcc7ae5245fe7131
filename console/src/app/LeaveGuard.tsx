import { useBlocker } from '@tanstack/react-router';
import { useWords } from './words';

/** Asks before unsaved input is left: by a link here, by closing the window by the browser itself. */
export function LeaveGuard({ dirty }: { dirty: boolean }) {
  const say = useWords();
  useBlocker({
    shouldBlockFn: () => dirty && !window.confirm(say('console.core.leave')),
    enableBeforeUnload: dirty,
    disabled: !dirty,
  });
  return null;
}
