import { act, createElement } from 'react';
import { createRoot } from 'react-dom/client';
import { afterEach, expect, test, vi } from 'vitest';

/** A stream that is played by hand. */
class PlayedSource extends EventTarget {
  static readonly CLOSED = 2;
  static opened: PlayedSource[] = [];
  readyState = 1;

  constructor(readonly url: string) {
    super();
    PlayedSource.opened.push(this);
  }

  close() {
    this.readyState = PlayedSource.CLOSED;
  }

  say(name: string, lastEventId: string, data: object = {}) {
    this.dispatchEvent(new MessageEvent(name, { lastEventId, data: JSON.stringify(data) }));
  }

  ask(name: string) {
    return new URL(this.url, 'http://wharf').searchParams.get(name);
  }
}

vi.stubGlobal('EventSource', PlayedSource);
vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true);
const { useLiveQuery, useTopic } = await import('./events');
const { queries } = await import('./queries');

const heard: string[] = [];

function Topic({ name }: { name: string }) {
  useTopic(name, (event) => void heard.push(`${event.topic} ${event.type}`));
  return null;
}

async function show() {
  const root = createRoot(document.createElement('div'));
  const look = (...names: string[]) => act(async () => root.render(names.map((name) => createElement(Topic, { name, key: name }))));
  return { look, leave: () => act(async () => root.unmount()) };
}

function newest(): PlayedSource {
  const last = PlayedSource.opened.at(-1);
  if (!last) throw new Error('nothing was opened');
  return last;
}

afterEach(() => {
  vi.useRealTimers();
  heard.length = 0;
  PlayedSource.opened = [];
});

test('the stream before tells until the next one does, which begins where that one did', async () => {
  const page = await show();
  await page.look('a');
  const first = newest();
  first.say('ready', '10-0');
  await page.look('a', 'b');
  const second = newest();
  expect(second.ask('topics')).toBe('a,b');
  expect(second.ask('after')).toBe('10-0');
  first.say('message', '12-0', { topic: 'a', type: 'tag_created' });
  expect(heard).toEqual(['a tag_created']);
  expect(first.readyState).not.toBe(PlayedSource.CLOSED);
  second.say('ready', '10-0', { refused: ['b'] });
  expect(first.readyState).toBe(PlayedSource.CLOSED);
  await page.leave();
  expect(second.readyState).toBe(PlayedSource.CLOSED);
});

function Live({ name, kinds }: { name: string; kinds?: string[] }) {
  useLiveQuery(name, ['rows', name], kinds);
  return null;
}

test('gaps that come without a pause have what listens read again twice a second, and nothing else', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const read = vi.spyOn(queries, 'invalidateQueries').mockResolvedValue();
  const root = createRoot(document.createElement('div'));
  await act(async () => root.render([createElement(Live, { name: 'a', kinds: ['tag_'], key: 'a' }), createElement(Live, { name: 'b', key: 'b' })]));
  newest().say('ready', '10-0');
  for (let told = 0; told < 20; told += 1) {
    newest().say('message', `${11 + told}-0`, { topic: 'a', type: 'gap' });
    expect(read).toHaveBeenCalledTimes(told < 10 ? 0 : 1);
    await vi.advanceTimersByTimeAsync(50);
  }
  expect(read.mock.calls).toEqual([[{ queryKey: ['rows', 'a'] }], [{ queryKey: ['rows', 'a'] }]]);
  // Of what happens one by one only what is about the rows.
  newest().say('message', '40-0', { topic: 'a', type: 'build.started' });
  await vi.advanceTimersByTimeAsync(1000);
  expect(read).toHaveBeenCalledTimes(2);
  newest().say('message', '41-0', { topic: 'a', type: 'tag_created' });
  await vi.advanceTimersByTimeAsync(1000);
  expect(read).toHaveBeenCalledTimes(3);
  await act(async () => root.unmount());
  read.mockRestore();
});

test('rights may have changed while there was no stream', async () => {
  const page = await show();
  await page.look('me');
  newest().say('ready', '10-0');
  expect(heard).toEqual([]);
  newest().dispatchEvent(new Event('error'));
  newest().say('ready', '10-0');
  expect(heard).toEqual(['me rights']);
  await page.leave();
});

test('a topic that is gone leaves the others, which are opened again', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const page = await show();
  await page.look('a', 'b');
  const first = newest();
  first.say('ready', '10-0');
  first.say('end', '', { reason: 'gone', topic: 'b' });
  expect(first.readyState).toBe(PlayedSource.CLOSED);
  await vi.advanceTimersByTimeAsync(2000);
  expect(newest()).not.toBe(first);
  expect(newest().ask('topics')).toBe('a,b');
  await page.leave();
});
