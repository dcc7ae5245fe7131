import { expect, test } from 'vitest';
import type { Queue } from '@/api/builds';
import { countWaiting } from './waiting';

const place = (repository?: string) => ({ position: 1, build: repository ? { repository } : undefined }) as Queue['waiting'][number];

test('namespaces are counted, most first, and what is hidden comes last', () => {
  expect(countWaiting([place('a/x'), place(), place('b/y'), place('b/z/w'), place()], 'others')).toEqual([
    { label: 'b', value: 2 },
    { label: 'a', value: 1 },
    { label: 'others', value: 2 },
  ]);
  expect(countWaiting([], 'others')).toEqual([]);
});
