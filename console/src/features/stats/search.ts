// Over which range the pictures are drawn, as an address has it. Pure.
import type { StatsRange } from '@/api/stats';

export interface RangeSearch {
  range?: StatsRange;
}

const ranges: readonly unknown[] = ['14d', '90d', '400d'] satisfies StatsRange[];

/** The shortest is what is asked for where nothing is said. */
export const readRangeSearch = ({ range }: Record<string, unknown>): RangeSearch => ({
  range: range !== '14d' && ranges.includes(range) ? (range as StatsRange) : undefined,
});
