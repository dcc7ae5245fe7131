import { expect, test } from 'vitest';
import { cutBars } from './Bars';

const bars = (count: number) => Array.from({ length: count }, (_, index) => ({ label: `team-${index}`, value: index, rest: 1 }));

test('a few bars stay as they are', () => {
  expect(cutBars(bars(20), 'others')).toEqual(bars(20));
});

test('of many the highest are drawn, and what the others come to', () => {
  const cut = cutBars(bars(23), 'others');
  expect(cut.length).toBe(21);
  expect(cut[0]).toEqual({ label: 'team-22', value: 22, rest: 1 });
  expect(cut.at(-1)).toEqual({ label: 'others', value: 0 + 1 + 2, rest: 3 });
});
