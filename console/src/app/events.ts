// What happens on the server, as it happens: one EventSource per tab for all topics that are on the screen.
// It resumes behind the last event it had; where that is not possible, everything on the screen is asked for again.
// While there is no stream (old server, proxy in between) pages still work: they show what they read.
import type { QueryKey } from '@tanstack/react-query';
import { useEffect, useEffectEvent, useRef, useSyncExternalStore } from 'react';
import { queries } from './queries';

/** One event: its topic, what happened, and what the topic knows about it. */
export interface LiveEvent {
  topic: string;
  /** `tag_created`, `build.started`, `delivery`, `lines` …, as the server's document lists them. */
  type: string;
  [detail: string]: unknown;
}

/** More happened than is told one by one: each listener reads again what it shows. */
export const GAP = 'gap';

type Listener = (event: LiveEvent) => void;

/** Of a log the last line that is known already. */
type Place = () => number;

/** The stream as readers see it. */
export interface StreamState {
  /** Whether it is open; also while there is none. */
  up: boolean;
  /** How often it was opened: after another one what was missed is told first. */
  opened: number;
}

/** A tab out of sight gives its connection back after this (ms): six of them block HTTP/1.1 for all. */
const HIDDEN_FOR = 60_000;
const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 30_000;

const listeners = new Map<string, Set<Listener>>();
const places = new Map<string, Place>();
const watchers = new Set<() => void>();
let state: StreamState = { up: true, opened: 0 };
let source: EventSource | undefined;
/** Whether `source` began to tell. */
let ready = false;
/** The one before, which tells until `source` does. */
let former: EventSource | undefined;
let openTopics = '';
let cursor: string | undefined;
let wait = FIRST_WAIT;
let timer: ReturnType<typeof setTimeout> | undefined;
let hiding: ReturnType<typeof setTimeout> | undefined;
let planned = false;

const wantedTopics = () => [...listeners.keys()].toSorted().join(',');

/** With the place in a log where the reader is now. */
const placeTopics = () =>
  [...listeners.keys()].toSorted().map((topic) => {
    const place = places.get(topic);
    return place ? `${topic}@${place()}` : topic;
  });

/** The cursor without its line (`MICROSECONDS-LINE`): it may be of another log, and the topic has its own. */
const cursorWithoutLine = (last: string) => last.replace(/-\d+$/, '-0');

function change(part: Partial<StreamState>) {
  state = { ...state, ...part };
  for (const watcher of watchers) watcher();
}

function watch(watcher: () => void) {
  watchers.add(watcher);
  return () => void watchers.delete(watcher);
}

export const useStreamState = () => useSyncExternalStore(watch, () => state);

/** After this round of effects: a page brings several topics at once. */
function planOpen() {
  if (planned) return;
  planned = true;
  queueMicrotask(() => {
    planned = false;
    if (wantedTopics() !== openTopics) open();
  });
}

function closeFormer() {
  former?.close();
  former = undefined;
}

function open() {
  clearTimeout(timer);
  const topics = wantedTopics();
  if (topics === '' || document.hidden) {
    closeFormer();
    source?.close();
    source = undefined;
    openTopics = '';
    change({ up: true });
    return;
  }
  const query = new URLSearchParams({ topics: placeTopics().join(',') });
  if (cursor) query.set('after', cursorWithoutLine(cursor));
  const next = new EventSource(`/api/v1/stream?${query}`);
  // With where it begins, so that nothing is missed that happens before the first message. Topics that the reader may not
  // follow are left out of it.
  next.addEventListener('ready', (message: MessageEvent<string>) => {
    if (next !== source) return;
    wait = FIRST_WAIT;
    // What is told behind the cursor says nothing of rights that changed while nobody listened.
    if (!state.up) for (const listener of listeners.get('me') ?? []) listener({ topic: 'me', type: 'rights' });
    cursor = message.lastEventId;
    ready = true;
    closeFormer();
    change({ up: true, opened: state.opened + 1 });
  });
  next.addEventListener('message', deliver);
  next.addEventListener('end', (message) => finish(next, message));
  next.addEventListener('error', () => {
    if (next !== source) return;
    change({ up: false });
    // While it is CONNECTING the browser tries by itself, with Last-Event-ID.
    if (next.readyState !== EventSource.CLOSED) return;
    closeFormer();
    source = undefined;
    openLater();
  });
  // The new one tells before the old one ends: nothing falls between.
  if (ready) {
    closeFormer();
    former = source;
  } else source?.close();
  source = next;
  ready = false;
  openTopics = topics;
}

/** Spread out, so that a server that comes back is not met by everybody at once. */
function openLater() {
  openTopics = '';
  clearTimeout(timer);
  timer = setTimeout(open, wait * (0.5 + Math.random()));
  wait = Math.min(wait * 2, LONGEST_WAIT);
}

function deliver(message: MessageEvent<string>) {
  if (message.lastEventId) cursor = message.lastEventId;
  const event: LiveEvent = JSON.parse(message.data);
  for (const listener of listeners.get(event.topic) ?? []) listener(event);
}

/** The server says that nothing follows: nobody is signed in any more, or a topic is gone. What is on the screen says the rest. */
function finish(ended: EventSource, message: MessageEvent<string>) {
  ended.close();
  if (ended !== source) return;
  source = undefined;
  const { reason } = JSON.parse(message.data);
  if (reason === 'signed_out') return onSignedOut();
  void queries.invalidateQueries();
  // The other topics go on.
  openLater();
}

let onSignedOut: () => void = () => {};

/** What happens when the stream says that nobody is signed in any more. */
export function whenStreamSignedOut(act: () => void) {
  onSignedOut = act;
}

/** Everything on the screen is live again, such as after signing in over a page. */
export function resumeEvents() {
  if (!source) open();
}

document.addEventListener('visibilitychange', () => {
  clearTimeout(hiding);
  if (document.hidden) hiding = setTimeout(open, HIDDEN_FOR);
  else if (!source) open();
});

/** Rows that change in bursts are read again once in this time (ms): more often would ask while the burst still comes. */
const SETTLED = 500;

/** Calls `listener` with what happened on `topic`, a burst at a time. */
export function useBursts(topic: string | undefined, listener: (events: LiveEvent[]) => void) {
  const hear = useEffectEvent(listener);
  const events = useRef<LiveEvent[]>([]);
  const waiting = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(waiting.current), []);
  const tell = useEffectEvent(() => {
    const burst = events.current;
    events.current = [];
    waiting.current = undefined;
    hear(burst);
  });
  useTopic(topic, (event) => {
    events.current.push(event);
    // Not put off by what follows: what happens all the time would never be shown.
    waiting.current ??= setTimeout(() => tell(), SETTLED);
  });
}

/** Reads what `queryKey` begins with again whenever something happens on `topic`; of all that happens there only `kinds`, where they are named. */
export function useLiveQuery(topic: string | undefined, queryKey: QueryKey, kinds?: string[]) {
  useBursts(topic, (burst) => {
    if (!kinds || burst.some(({ type }) => type === GAP || kinds.some((kind) => type.startsWith(kind)))) void queries.invalidateQueries({ queryKey });
  });
}

/**
 * Calls `listener` for each event of `topic` while the component is there: for a log, whose events are themselves what is shown.
 * Everything else is read again, by `useLiveQuery`, and lists by `useArrivals`. `place` says which lines are known where the stream is opened anew.
 */
export function useTopic(topic: string | undefined, listener: Listener, place?: Place) {
  const hear = useEffectEvent(listener);
  const locate = useEffectEvent(() => place?.() ?? 0);
  const isPlaced = place !== undefined;
  useEffect(() => {
    if (!topic) return;
    const own: Listener = (event) => hear(event);
    const all = listeners.get(topic) ?? new Set();
    all.add(own);
    listeners.set(topic, all);
    if (isPlaced) places.set(topic, () => locate());
    planOpen();
    return () => {
      all.delete(own);
      if (all.size === 0) {
        listeners.delete(topic);
        places.delete(topic);
      }
      planOpen();
    };
  }, [topic, isPlaced]);
}
