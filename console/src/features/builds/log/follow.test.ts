import { expect, test } from 'vitest';
import { followAfter, type FollowEvent, followsAtFirst, isAtEnd } from './follow';

test.each(['wheel_up', 'page_up', 'home', 'scrollbar', 'touch', 'selection', 'search', 'link'] as FollowEvent[])(
  'after %s nothing moves any more',
  (event) => {
    expect(followAfter(true, event)).toBe(false);
    expect(followAfter(false, event)).toBe(false);
  },
);

test('at the end, by End and by the button it moves again', () => {
  expect(followAfter(false, 'reached_end')).toBe(true);
  expect(followAfter(false, 'end_key')).toBe(true);
  expect(followAfter(false, 'button')).toBe(true);
  expect(followAfter(true, 'button')).toBe(false);
});

test('only a running build that no address points into is followed at first', () => {
  expect(followsAtFirst(true, false)).toBe(true);
  expect(followsAtFirst(true, true)).toBe(false);
  expect(followsAtFirst(false, false)).toBe(false);
});

test('eight pixels from the end are the end', () => {
  expect(isAtEnd({ scrollTop: 92, clientHeight: 100, scrollHeight: 200 })).toBe(true);
  expect(isAtEnd({ scrollTop: 91, clientHeight: 100, scrollHeight: 200 })).toBe(false);
});
