import { describe, expect, test } from 'vitest';
import { chooseDays, chooseTicks, drawLine, findNearest, splitRuns } from './plot';

const labels = (most: number, kind: 'bytes' | 'count' = 'bytes') => chooseTicks(most, kind, 'en').map(({ label }) => label);

describe('an axis', () => {
  test('begins at zero, is in one unit and ends above the largest value', () => {
    expect(labels(1_240_000_000)).toEqual(['0 GB', '0.5 GB', '1 GB', '1.5 GB']);
    expect(labels(96_400_000)).toEqual(['0 MB', '50 MB', '100 MB']);
    expect(labels(999)).toEqual(['0 B', '500 B', '1000 B']);
  });

  test('has at most five ticks', () => {
    for (let most = 1; most < 1e13; most *= 1.7) expect(labels(most).length).toBeLessThanOrEqual(5);
  });

  test('of counts has no halves, and one of nothing still has a height', () => {
    expect(labels(2, 'count')).toEqual(['0', '1', '2']);
    expect(labels(0, 'count')).toEqual(['0', '1']);
    expect(labels(0)).toEqual(['0 B', '1 B']);
  });
});

describe('days', () => {
  test('are named where they begin, as many as there is room for', () => {
    const ticks = chooseDays(new Date(2026, 10, 16, 12).getTime(), new Date(2026, 10, 30, 12).getTime(), 7);
    expect(ticks.map(({ label }) => label)).toEqual(['11-18', '11-20', '11-22', '11-24', '11-26', '11-28', '11-30']);
  });

  test('that are far apart are months', () => {
    const ticks = chooseDays(new Date(2025, 9, 26).getTime(), new Date(2026, 10, 30).getTime(), 7);
    expect(ticks[0]?.label).toBe('2025-11');
    expect(ticks.length).toBeLessThanOrEqual(7);
  });
});

test('a line ends where nothing was recorded, and a value alone is a run of its own', () => {
  expect(splitRuns([null, 1, 2, null, 3, null])).toEqual([[1, 2], [4, 4]]);
  expect(drawLine([[0, 10], [20.04, 5]])).toBe('M0.0 10.0L20.0 5.0');
});

test('the nearest moment is found from both sides', () => {
  expect(findNearest([0, 10, 20], 14)).toBe(1);
  expect(findNearest([0, 10, 20], 99)).toBe(2);
  expect(findNearest([], 5)).toBe(-1);
});
