import { describe, expect, test } from 'vitest';
import type { LogEvent } from '@/api/buildLog';
import { LogRecord } from './logRecord';

type Bare = LogEvent extends infer E ? (E extends LogEvent ? Omit<E, 'n' | 'at'> : never) : never;

/** Events a second apart. */
const record = (...events: Bare[]) => {
  const log = new LogRecord();
  log.add(events.map((event, index) => ({ ...event, n: index + 1, at: (index + 1) * 1_000_000 }) as LogEvent));
  return log;
};

const output = (step: number, text: string, stream = 'stdout'): Bare => ({ type: 'output', step, stream, text });

describe('lines', () => {
  test('are numbered in the order in which they began and belong to their step', () => {
    const log = record(
      { type: 'step', step: 1, name: 'a' },
      { type: 'step', step: 2, name: 'b' },
      output(1, 'one\n'),
      output(2, 'two\n'),
      output(1, 'three\nfour\n'),
    );
    expect(log.sections().map(({ ranges }) => ranges)).toEqual([
      [{ from: 1, to: 1 }, { from: 3, to: 4 }],
      [{ from: 2, to: 2 }],
    ]);
    expect([1, 2, 3, 4].map((number) => log.line(number)?.text)).toEqual(['one', 'two', 'three', 'four']);
  });

  test('that come in pieces are one, whatever another stream writes between', () => {
    const log = record(output(1, 'hel'), output(1, 'oops\n', 'stderr'), output(1, 'lo\n\nend'));
    expect([1, 2, 3, 4].map((number) => log.line(number)?.text)).toEqual(['hello', 'oops', '', 'end']);
  });

  test('that were taken already are not taken twice', () => {
    const log = new LogRecord();
    const events: LogEvent[] = [{ n: 1, at: 0, type: 'output', step: 1, stream: 'stdout', text: 'a\n' }];
    log.add(events);
    log.add(events);
    expect(log.total).toBe(1);
  });
});

describe('steps', () => {
  test('know how long they took, whether they were cached, and what went wrong', () => {
    const log = record(
      { type: 'step', step: 1, name: 'FROM a' },
      { type: 'cached', step: 1 },
      { type: 'done', step: 1 },
      { type: 'step', step: 2, name: 'RUN b' },
      { type: 'done', step: 2, error: 'exit code 1' },
    );
    expect(log.sections()).toMatchObject([
      { state: 'succeeded', cached: true, duration: 2000 },
      { state: 'failed', cached: false, duration: 1000 },
    ]);
    expect(log.line(1)).toMatchObject({ text: 'exit code 1', said: 'error' });
  });

  test('of another attempt are others', () => {
    const log = record({ type: 'step', step: 1, name: 'a' }, { type: 'attempt', attempt: 2 }, { type: 'step', step: 1, name: 'a' });
    expect(log.sections().map(({ id }) => id)).toEqual(['1.1', '2.1']);
  });

  test('that still ran when the build ended are over with it', () => {
    const log = record({ type: 'step', step: 1, name: 'a' });
    expect(log.current()?.id).toBe('1.1');
    log.close('canceled');
    expect(log.sections()[0]).toMatchObject({ state: 'canceled', duration: 0 });
    expect(log.current()).toBeUndefined();
  });
});

test('what the server says is kept with the phase that it is said in', () => {
  const log = record({ type: 'phase', phase: 'cloning' }, { type: 'notice', text: 'Fetching main' }, { type: 'phase', phase: 'building' });
  expect(log.sections()).toMatchObject([{ title: 'cloning', state: 'said', ranges: [{ from: 1, to: 1 }] }]);
});

test('a search finds lines in whatever case', () => {
  const log = record(output(1, 'Error: a\nfine\nan error\n'));
  expect(log.search('ERROR', (line) => line.text)).toEqual([1, 3]);
});
