import { expect, test } from 'vitest';
import { isOver, showDelivery } from './state';

const base = { state: 'waiting', kind: 'webhook', attempt_count: 0, reason: null };

test.each([
  [{}, 'queued'],
  [{ attempt_count: 2 }, 'retrying'],
  [{ state: 'running' }, 'sending'],
  [{ state: 'running', kind: 'workload' }, 'sending'],
  [{ state: 'running', kind: 'workload', patched_at: '2026-11-22T15:31:26Z' }, 'rolling_out'],
  [{ state: 'succeeded' }, 'delivered'],
  [{ state: 'succeeded', kind: 'workload' }, 'rolled_out'],
  [{ state: 'failed', reason: 'answer_status' }, 'delivery_failed'],
  [{ state: 'failed', reason: 'gave_up' }, 'gave_up'],
  [{ state: 'failed', kind: 'workload', reason: 'image_pull' }, 'rollout_failed'],
  [{ state: 'of_tomorrow' }, undefined],
] as const)('a delivery that is %o is shown as %s', (part, shown) => {
  expect(showDelivery({ ...base, ...part })).toBe(shown);
});

test('a rollout whose earlier image was put back says so', () => {
  expect(showDelivery({ ...base, state: 'failed', kind: 'workload', reason: 'image_pull' }, true)).toBe('rolled_back');
});

test('only what waits or runs is not over', () => {
  expect(['waiting', 'running', 'failed', 'unchanged'].map((state) => isOver({ state }))).toEqual([false, false, true, true]);
});
