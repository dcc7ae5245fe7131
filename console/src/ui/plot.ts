// Where the marks of a chart over time go: axes from zero, lines that end where nothing was recorded. Pure.
import type { Language } from '@/app/language';
import { formatCompact } from './format/count';
import { formatDate } from './format/time';

export type Kind = 'bytes' | 'count';
export type Value = number | null;

export interface Tick {
  value: number;
  label: string;
}

/** Lines across a chart: more of them are read as hatching, fewer leave the eye to guess. */
const MOST_TICKS = 5;

const bytes = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** Values of an axis from zero to the first round one that `most` does not exceed, all in one unit. */
export function chooseTicks(most: number, kind: Kind, language: Language): Tick[] {
  const power = kind === 'bytes' ? chooseUnit(most) : 0;
  const unit = 1000 ** power;
  const step = chooseStep(most / unit, kind === 'bytes' && power > 0 ? 0 : 1);
  const steps = Math.max(1, Math.ceil(most / unit / step - 1e-9));
  return Array.from({ length: steps + 1 }, (_, index) => {
    const value = round(index * step);
    const label = kind === 'bytes' ? `${value} ${bytes[power]}` : formatCompact(value, language);
    return { value: value * unit, label };
  });
}

function chooseUnit(most: number) {
  let power = 0;
  while (most >= 1000 ** (power + 1) && power < bytes.length - 1) power += 1;
  return power;
}

/** 1, 2 or 5 times a power of ten, so that the axis has no more than its ticks; not under `least`. */
function chooseStep(most: number, least: number) {
  const rough = Math.max(most, Number.EPSILON) / (MOST_TICKS - 1);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].find((each) => each * power >= rough * (1 - 1e-9)) ?? 10;
  return most === 0 ? Math.max(1, least) : Math.max(step * power, least);
}

/** 0.30000000000000004 is 0.3. */
const round = (value: number) => Number(value.toPrecision(12));

/** Beginnings of days between two moments (ms) in the reader's zone, as many as there is room for; months where they are far apart. */
export function chooseDays(from: number, until: number, room: number): Tick[] {
  const days = (until - from) / DAY;
  const apart = Math.max(1, Math.ceil(days / Math.max(1, room)));
  const byMonth = apart > MONTHLY;
  const months = byMonth ? Math.ceil(apart / SHORT_MONTH) : 0;
  const ticks: Tick[] = [];
  const first = new Date(from);
  for (let step = 1; ; step += 1) {
    const at = byMonth
      ? new Date(first.getFullYear(), first.getMonth() + 1 + (step - 1) * months, 1)
      : new Date(first.getFullYear(), first.getMonth(), first.getDate() + step * apart);
    if (at.getTime() >= until) return ticks;
    ticks.push({ value: at.getTime(), label: byMonth ? formatDate(at).slice(0, 7) : formatDate(at).slice(5) });
  }
}

const DAY = 86_400_000;
/** Ticks further apart than this (days) are said by their month. */
const MONTHLY = 20;
const SHORT_MONTH = 28;

/** Indexes of values without a gap between them; each run is a line of its own. */
export function splitRuns(values: readonly Value[]): [number, number][] {
  const runs: [number, number][] = [];
  values.forEach((value, index) => {
    if (value === null) return;
    const last = runs.at(-1);
    if (last && last[1] === index - 1) last[1] = index;
    else runs.push([index, index]);
  });
  return runs;
}

/** `M0 10L20 5`: one decimal is finer than a screen. */
export const drawLine = (places: readonly (readonly [number, number])[]) =>
  places.map(([x, y], index) => `${index === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`).join('');

/** The index of the moment that is nearest to `at`; -1 of none. Moments ascend. */
export function findNearest(moments: readonly number[], at: number) {
  let nearest = -1;
  for (const [index, moment] of moments.entries()) {
    if (nearest >= 0 && Math.abs(moment - at) > Math.abs((moments[nearest] ?? 0) - at)) break;
    nearest = index;
  }
  return nearest;
}

/** The largest of what was recorded. */
export const findMost = (values: readonly Value[]) => values.reduce<number>((most, value) => Math.max(most, value ?? 0), 0);

/** The last of what was recorded. */
export const findLast = (values: readonly Value[]) => values.findLast((value) => value !== null) ?? undefined;
