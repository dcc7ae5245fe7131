// Whether the server answers. While it does not, somebody is told, it is tried again, and then what is on the screen is read anew.
import { useSyncExternalStore } from 'react';
import { isAway, isProblem, UNREACHABLE } from '@/api/problem';
import { whenPartMissing } from './again';
import { queries } from './queries';

export interface Connection {
  /** When the server last answered (ms); `undefined` while it does. */
  lostAt?: number;
  /** When it is asked again (ms). */
  retryAt: number;
  /** The program was exchanged: parts of this page are not there any more. */
  outdated: boolean;
}

const FIRST_WAIT = 2_000;
const LONGEST_WAIT = 30_000;

let state: Connection = { retryAt: 0, outdated: false };
let lastAnswer = Date.now();
let wait = FIRST_WAIT;
let timer: ReturnType<typeof setTimeout> | undefined;
const watchers = new Set<() => void>();

function change(part: Partial<Connection>) {
  state = { ...state, ...part };
  for (const watcher of watchers) watcher();
}

export const useConnection = () =>
  useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => void watchers.delete(watcher);
    },
    () => state,
  );

function judge(error: unknown) {
  if (!isProblem(error, UNREACHABLE) || state.lostAt !== undefined) return;
  wait = FIRST_WAIT;
  change({ lostAt: lastAnswer });
  plan();
}

/** Begins to watch; call once. */
export function watchConnection() {
  queries.getQueryCache().subscribe((event) => {
    if (event.type !== 'updated') return;
    if (event.action.type === 'success') lastAnswer = Date.now();
    else if (event.action.type === 'failed' || event.action.type === 'error') judge(event.action.error);
  });
  queries.getMutationCache().subscribe((event) => {
    if (event.type === 'updated' && event.action.type === 'error') judge(event.action.error);
  });
  window.addEventListener('online', () => void retryConnection());
  whenPartMissing(() => change({ outdated: true }));
}

function plan() {
  clearTimeout(timer);
  change({ retryAt: Date.now() + wait });
  timer = setTimeout(retryConnection, wait);
  wait = Math.min(wait * 2, LONGEST_WAIT);
}

/** Asks now. */
export async function retryConnection() {
  if (state.lostAt === undefined) return;
  clearTimeout(timer);
  try {
    const { status } = await fetch('/healthz', { cache: 'no-store' });
    if (isAway(status)) throw new Error(`a proxy answers ${status}`);
  } catch {
    plan();
    return;
  }
  change({ lostAt: undefined });
  await queries.invalidateQueries();
}
