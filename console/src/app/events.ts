// What happens on the server, as it happens: one EventSource per tab for all topics that are on the screen.
// It resumes behind the last event it had; where that is not possible, everything on the screen is asked for again.
// While there is no stream (old server, proxy in between) pages still work: they show what they read.
import { useEffect, useEffectEvent } from 'react';
import { queries } from './queries';

/** One event: its topic, what happened, and what the topic knows about it. */
export interface LiveEvent {
  topic: string;
  kind: string;
  [detail: string]: unknown;
}

type Listener = (event: LiveEvent) => void;

/** A tab out of sight gives its connection back after this (ms): six of them block HTTP/1.1 for all. */
const HIDDEN_FOR = 60_000;
const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 30_000;

const listeners = new Map<string, Set<Listener>>();
let source: EventSource | undefined;
let openTopics = '';
let cursor: string | undefined;
let wait = FIRST_WAIT;
let timer: ReturnType<typeof setTimeout> | undefined;
let hiding: ReturnType<typeof setTimeout> | undefined;
let planned = false;

const wantedTopics = () => [...listeners.keys()].toSorted().join(',');

/** After this round of effects: a page brings several topics at once. */
function planOpen() {
  if (planned) return;
  planned = true;
  queueMicrotask(() => {
    planned = false;
    if (wantedTopics() !== openTopics) open();
  });
}

function open() {
  clearTimeout(timer);
  const topics = wantedTopics();
  const before = source;
  if (topics === '' || document.hidden) {
    before?.close();
    source = undefined;
    openTopics = '';
    return;
  }
  const query = new URLSearchParams({ topics });
  if (cursor) query.set('after', cursor);
  const next = new EventSource(`/api/v1/stream?${query}`);
  next.addEventListener('open', () => {
    wait = FIRST_WAIT;
  });
  next.addEventListener('message', deliver);
  // The server no longer has what was missed.
  next.addEventListener('gap', () => void queries.invalidateQueries());
  next.addEventListener('error', () => {
    // While it is CONNECTING the browser tries by itself, with Last-Event-ID.
    if (next.readyState !== EventSource.CLOSED || next !== source) return;
    source = undefined;
    openTopics = '';
    // Spread out, so that a server that comes back is not met by everybody at once.
    timer = setTimeout(open, wait * (0.5 + Math.random()));
    wait = Math.min(wait * 2, LONGEST_WAIT);
  });
  source = next;
  openTopics = topics;
  // The new one is open before the old one ends: nothing falls between.
  before?.close();
}

function deliver(message: MessageEvent<string>) {
  if (message.lastEventId) cursor = message.lastEventId;
  const event: LiveEvent = JSON.parse(message.data);
  for (const listener of listeners.get(event.topic) ?? []) listener(event);
}

document.addEventListener('visibilitychange', () => {
  clearTimeout(hiding);
  if (document.hidden) hiding = setTimeout(open, HIDDEN_FOR);
  else if (!source) open();
});

/** Calls `listener` for each event of `topic` while the component is there. */
export function useTopic(topic: string | undefined, listener: Listener) {
  const hear = useEffectEvent(listener);
  useEffect(() => {
    if (!topic) return;
    const own: Listener = (event) => hear(event);
    const all = listeners.get(topic) ?? new Set();
    all.add(own);
    listeners.set(topic, all);
    planOpen();
    return () => {
      all.delete(own);
      if (all.size === 0) listeners.delete(topic);
      planOpen();
    };
  }, [topic]);
}
