import { expect, test } from 'vitest';
import { drawLines } from './Sparkline';

test('a line goes from the left to the right, the highest value at the top', () => {
  expect(drawLines([0, 10], 100, 20)).toEqual(['2,18 98,2']);
});

test('what was not recorded is a gap, and a lone point is no line', () => {
  expect(drawLines([5, 5, null, 5, null, 5, 5], 64, 20)).toEqual(['2,2 12,2', '52,2 62,2']);
});

test('nothing but noughts is a line at the bottom', () => {
  expect(drawLines([0, 0], 100, 20)).toEqual(['2,18 98,18']);
});
