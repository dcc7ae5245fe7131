import { expect, test } from 'vitest';
import type { Build } from '@/api/builds';
import { drawTrend, summarizeTrend } from './trend';

const build = (number: number, state: string, duration_ms?: number, reason?: string) =>
  ({ number, state, duration_ms, ...(reason && { failure: { reason, message: '' } }) }) as Build;

const builds = [
  build(4, 'queued'),
  build(3, 'failed', 1_000),
  build(2, 'failed', 40_000, 'timed_out'),
  build(1, 'succeeded', 20_000),
];

test('bars go from the oldest to the newest, as long as the build took', () => {
  const bars = drawTrend(builds);
  expect(bars.map((bar) => bar.build.number)).toEqual([1, 2, 3, 4]);
  expect(bars.map((bar) => bar.height)).toEqual([0.5, 1, 0.06, 0.06]);
  expect(bars.map((bar) => bar.failed)).toEqual([false, true, true, false]);
});

test('the sentence counts what ended and takes the middle of what they took', () => {
  expect(summarizeTrend(drawTrend(builds))).toEqual({ count: 4, succeeded: 1, failed: 2, median: 20_000 });
  expect(summarizeTrend([])).toEqual({ count: 0, succeeded: 0, failed: 0, median: undefined });
});
