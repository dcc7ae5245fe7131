// How long the last builds took, as bars.
import type { Build } from '@/api/builds';
import { type BuildState, buildState } from './buildState';

export interface Bar {
  build: Build;
  state: BuildState;
  /** 0 to 1 of the longest. */
  height: number;
  failed: boolean;
}

/** A bar of something that took next to nothing is still one. */
const SHORTEST = 0.06;

/** Oldest first; only what ran has a length. */
export function drawTrend(newestFirst: readonly Build[]): Bar[] {
  const builds = newestFirst.toReversed();
  const longest = Math.max(1, ...builds.map((build) => build.duration_ms ?? 0));
  return builds.map((build) => {
    const state = buildState(build);
    return {
      build,
      state,
      height: Math.max(SHORTEST, (build.duration_ms ?? 0) / longest),
      failed: state === 'failed' || state === 'timed_out',
    };
  });
}

export function summarizeTrend(bars: readonly Bar[]) {
  const took = bars.flatMap(({ build }) => (build.duration_ms ? [build.duration_ms] : [])).toSorted((a, b) => a - b);
  return {
    count: bars.length,
    succeeded: bars.filter(({ state }) => state === 'succeeded').length,
    failed: bars.filter(({ failed }) => failed).length,
    /** Milliseconds; missing where nothing ended yet. */
    median: took[took.length >> 1],
  };
}
