// What a build wrote: its events from the first on, and while it runs those that come.
import type { components } from './api.gen';
import { send } from './client';

type Number = { n: number; at: number };

/** One event of a log, as the server writes it; `at` is in microseconds since 1970. */
export type LogEvent = Number &
  (
    | { type: 'attempt'; attempt: number }
    | { type: 'phase'; phase: string }
    | { type: 'step'; step: number; name: string }
    | { type: 'cached'; step: number }
    | { type: 'output'; step: number; stream: string; text: string }
    | { type: 'done'; step: number; error?: string }
    | { type: 'warning'; text: string }
    | { type: 'notice'; text: string }
    | { type: 'truncated'; limit: number }
  );

const addressOf = (image: string, number: number) =>
  `/api/v1/repositories/${encodeURIComponent(image)}/builds/${number}/log`;

/** The raw text, escape sequences and all: what a download is. */
export const logDownload = addressOf;

/** Reads what is written so far, piece by piece as it arrives. */
export async function readLog(image: string, number: number, take: (events: LogEvent[]) => void, signal: AbortSignal) {
  const response = await send(`${addressOf(image, number)}?format=jsonl`, { signal });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  if (!reader) return;
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    const lines = (rest + (value ?? '')).split('\n');
    rest = done ? '' : (lines.pop() ?? '');
    const events = lines.filter(Boolean).map((line): LogEvent => JSON.parse(line));
    if (events.length > 0) take(events);
    if (done) return;
  }
}

interface Follower {
  take: (event: LogEvent) => void;
  /** The build is over; nothing follows. */
  onEnd: (state: components['schemas']['Build']['state']) => void;
  onConnection: (connected: boolean) => void;
}

/** Hears what is written after event `after`, across lost connections. Returns what ends it. */
export function followLog(image: string, number: number, after: number, { take, onEnd, onConnection }: Follower): () => void {
  const source = new EventSource(`${addressOf(image, number)}/stream?after=${after}`);
  source.addEventListener('open', () => onConnection(true));
  source.addEventListener('error', () => onConnection(false));
  source.addEventListener('message', (message: MessageEvent<string>) => take(JSON.parse(message.data)));
  source.addEventListener('end', (message: MessageEvent<string>) => {
    source.close();
    onEnd(JSON.parse(message.data).state);
  });
  return () => source.close();
}
