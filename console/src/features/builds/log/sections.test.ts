import { describe, expect, test } from 'vitest';
import { isOpenAtFirst, RowMap, type Section, sectionOf } from './sections';

const section = (id: string, ranges: [number, number][], state: Section['state'] = 'succeeded'): Section => ({
  id,
  title: id,
  state,
  cached: false,
  ranges: ranges.map(([from, to]) => ({ from, to })),
});

// Two steps that wrote at the same time, then one that failed.
const sections = [
  section('a', [[1, 2], [5, 6]]),
  section('b', [[3, 4]]),
  section('c', [[7, 200_000]], 'failed'),
];

describe('rows', () => {
  test('are heads where all is folded', () => {
    const map = new RowMap(sections, () => false);
    expect(map.rows).toBe(3);
    expect(map.rowAt(1)).toMatchObject({ kind: 'head', section: { id: 'b' } });
    expect(map.rowOf(100)).toBe(2);
    expect(map.rowAt(3)).toBeUndefined();
  });

  test('have the lines of a step together, gaps or not', () => {
    const map = new RowMap(sections, () => true);
    const lines = Array.from({ length: 8 }, (_, index) => map.rowAt(index)).map((row) =>
      row?.kind === 'line' ? row.line : row?.section.id,
    );
    expect(lines).toEqual(['a', 1, 2, 5, 6, 'b', 3, 4]);
    expect(map.rows).toBe(200_003);
  });

  test('and lines know each other', () => {
    const map = new RowMap(sections, ({ id }) => id !== 'b');
    for (const line of [1, 5, 7, 123_456, 200_000]) {
      const row = map.rowOf(line);
      expect(row === undefined ? undefined : map.rowAt(row)).toMatchObject({ kind: 'line', line });
    }
    expect(map.rowOf(200_001)).toBeUndefined();
  });

  test('are walked from head to head', () => {
    const map = new RowMap(sections, ({ id }) => id === 'a');
    expect(map.nextHead(0, true)).toBe(5);
    expect(map.nextHead(3, false)).toBe(0);
    expect(map.nextHead(6, true)).toBeUndefined();
    expect(map.headOf('c')).toBe(6);
    expect(map.endOf('a')).toBe(4);
  });
});

const open = (build: { over: boolean; succeeded: boolean }, current?: string) =>
  sections.filter((each) => isOpenAtFirst(each, build, current)).map(({ id }) => id);

describe('at first', () => {
  test('the current step of a running build is open', () => {
    expect(open({ over: false, succeeded: false }, 'b')).toEqual(['b']);
  });

  test('only what failed is open, and nothing of a build that succeeded', () => {
    expect(open({ over: true, succeeded: false })).toEqual(['c']);
    expect(open({ over: true, succeeded: true })).toEqual([]);
  });
});

test('a line belongs to the step that wrote it', () => {
  expect(sectionOf(sections, 5)?.id).toBe('a');
  expect(sectionOf(sections, 300_000)).toBeUndefined();
});
