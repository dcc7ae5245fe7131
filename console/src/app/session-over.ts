// A session that ended while a page was open: the page stays, and asks to sign in over it.
import { useSyncExternalStore } from 'react';

let over = false;
const watchers = new Set<() => void>();

export function setSessionOver(value: boolean) {
  over = value;
  for (const watcher of watchers) watcher();
}

export const useSessionOver = () =>
  useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => void watchers.delete(watcher);
    },
    () => over,
  );
