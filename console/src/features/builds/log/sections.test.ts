import { describe, expect, test } from 'vitest';
import type { LogIndex, LogSection } from '@/api/buildLog';
import { findCurrent, findFailure, growIndex, listShown, RowMap } from './sections';

const section = (number: number, lines: number, part: Partial<LogSection> = {}): LogSection => ({
  number,
  attempt: 1,
  step: number,
  title: `[${number}/3] RUN`,
  state: 'succeeded',
  cached: false,
  started_at: '2026-11-22T15:31:26Z',
  lines,
  ...part,
});
const index = (sections: LogSection[], part: Partial<LogIndex> = {}): LogIndex => ({
  state: 'running',
  lines: sections.reduce((sum, { lines }) => sum + lines, 0),
  truncated: false,
  sections,
  ...part,
});
const line = (number: number, of: number, position: number) => ({ number, section: of, position, at: '2026-11-22T15:31:26Z', text: '' });

const shown = (list: LogSection[]) => listShown(index(list)).map(({ number }) => number);

const sections = [section(1, 4), section(2, 2), section(3, 199_994, { state: 'failed' })];

describe('rows', () => {
  test('are heads where all is folded', () => {
    const map = new RowMap(sections, () => false);
    expect(map.rows).toBe(3);
    expect(map.rowAt(1)).toMatchObject({ section: { number: 2 }, position: 0 });
    expect(map.rowOf({ section: 3, position: 100 })).toBe(2);
    expect(map.rowAt(3)).toBeUndefined();
  });

  test('and places know each other', () => {
    const map = new RowMap(sections, ({ number }) => number !== 2);
    for (const place of [
      { section: 1, position: 1 },
      { section: 1, position: 4 },
      { section: 3, position: 123_456 },
      { section: 3, position: 199_994 },
    ]) {
      const row = map.rowOf(place);
      expect(row === undefined ? undefined : map.rowAt(row)).toMatchObject({
        section: { number: place.section },
        position: place.position,
      });
    }
    expect(map.rows).toBe(200_001);
    expect(map.rowOf({ section: 9, position: 1 })).toBeUndefined();
  });

  test('are walked from head to head', () => {
    const map = new RowMap(sections, ({ number }) => number === 1);
    expect(map.nextHead(0, true)).toBe(5);
    expect(map.nextHead(3, false)).toBe(0);
    expect(map.nextHead(6, true)).toBeUndefined();
  });
});

describe('an index', () => {
  test('grows by lines that are told, whichever came first', () => {
    const told = [line(7, 1, 5), line(8, 2, 3), line(9, 1, 6)];
    const grown = growIndex(index([section(1, 4), section(2, 2)]), told);
    expect(grown.sections.map(({ lines }) => lines)).toEqual([6, 3]);
    expect(grown.lines).toBe(9);
    const newer = index([section(1, 40), section(2, 20)]);
    expect(growIndex(newer, told).sections.map(({ lines }) => lines)).toEqual([40, 20]);
    expect(growIndex(newer, told).lines).toBe(60);
  });

  test('shows phases only where something is told in them, or nothing else happens', () => {
    const phase = (number: number, lines: number, part: Partial<LogSection> = {}) => section(number, lines, { step: null, ...part });
    expect(shown([phase(1, 0), phase(2, 3), section(3, 0), phase(4, 0, { state: 'running' })])).toEqual([2, 3, 4]);
    expect(shown([phase(1, 0, { state: 'running' }), section(2, 0)])).toEqual([2]);
    expect(shown([phase(1, 0, { state: 'failed' })])).toEqual([1]);
  });
});

test('the current section is the step that was begun last and runs', () => {
  const running = { state: 'running' } as const;
  expect(findCurrent([section(1, 0, running), section(2, 0, running), section(3, 0)])?.number).toBe(2);
  expect(findCurrent([section(1, 0, { ...running, step: null }), section(2, 0)])?.number).toBe(1);
  expect(findCurrent([section(1, 0), section(2, 0)])?.number).toBe(2);
  expect(findCurrent([])).toBeUndefined();
});

test('what failed says so at its end', () => {
  expect(findFailure(index(sections))).toEqual({ section: 3, position: 199_994 });
  expect(findFailure(index(sections, { failing: 2 }))).toEqual({ section: 2, position: 2 });
  expect(findFailure(index([section(1, 4)]))).toBeUndefined();
});
