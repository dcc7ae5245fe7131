// One clock for all relative times of a page.
import { useSyncExternalStore } from 'react';

/** Relative times are in minutes: half of one (ms) keeps them true without work in between. */
const TICK = 30_000;

let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;
const listeners = new Set<() => void>();

function subscribe(listener: () => void) {
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const each of listeners) each();
  }, TICK);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

const read = () => {
  // Nobody listened, so nobody moved it.
  if (timer === undefined) now = Date.now();
  return now;
};

/** The time (ms), moving every half minute. */
export const useNow = () => useSyncExternalStore(subscribe, read);
