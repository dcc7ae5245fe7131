import { expect, test } from 'vitest';
import { readLines, stretch, writeLines } from './lineLink';

test.each([
  ['#L18', { from: 18, to: 18 }],
  ['L18-L24', { from: 18, to: 24 }],
  ['#L24-18', { from: 18, to: 24 }],
  ['#L0', undefined],
  ['#top', undefined],
  ['', undefined],
])('%s names lines', (hash, lines) => {
  expect(readLines(hash)).toEqual(lines);
});

test('lines are written as they are read', () => {
  expect(writeLines({ from: 18, to: 24 })).toBe('L18-L24');
  expect(readLines(writeLines({ from: 7, to: 7 }))).toEqual({ from: 7, to: 7 });
});

test('a click names a line, with Shift a range from the first one', () => {
  expect(stretch(undefined, 5, true)).toEqual({ from: 5, to: 5 });
  expect(stretch({ from: 5, to: 5 }, 9, true)).toEqual({ from: 5, to: 9 });
  expect(stretch({ from: 5, to: 9 }, 2, true)).toEqual({ from: 2, to: 5 });
  expect(stretch({ from: 5, to: 9 }, 7, false)).toEqual({ from: 7, to: 7 });
});
