import { expect, test } from 'vitest';
import { splitMarked } from './marking';

test('the part that was found stands between what is before and behind it', () => {
  expect(splitMarked('v12.3', [1, 3])).toEqual(['v', '12', '.3']);
  expect(splitMarked('v12.3', [0, 5])).toEqual(['', 'v12.3', '']);
  expect(splitMarked('latest', null)).toEqual(['latest', '', '']);
});
