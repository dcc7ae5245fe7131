import { expect, test } from 'vitest';
import { readTrouble } from './trouble';

test('what a cluster tells is read as far as it is there', () => {
  expect(readTrouble(null)).toBeUndefined();
  expect(readTrouble({ word: 'ImagePullBackOff', pod: 'web-1', events: [{ word: 'Failed', count: 3 }, 7] })).toEqual({
    word: 'ImagePullBackOff',
    said: '',
    pod: 'web-1',
    events: [{ at: '', word: 'Failed', said: '', count: 3 }],
  });
});
