// `#L18` and `#L18-L24` in an address.
import type { LineRange } from './sections';

export function readLines(hash: string): LineRange | undefined {
  const found = /^#?L(\d{1,9})(?:-L?(\d{1,9}))?$/.exec(hash);
  if (!found) return undefined;
  const [one, other] = [Number(found[1]), Number(found[2] ?? found[1])];
  if (one < 1 || other < 1) return undefined;
  return { from: Math.min(one, other), to: Math.max(one, other) };
}

/** Without the `#`, as the router takes it. */
export const writeLines = ({ from, to }: LineRange) => (from === to ? `L${from}` : `L${from}-L${to}`);

/** A click on a number is that line; with Shift it stretches what is linked already. */
export function stretch(linked: LineRange | undefined, line: number, shift: boolean): LineRange {
  if (!shift || !linked) return { from: line, to: line };
  return { from: Math.min(linked.from, line), to: Math.max(linked.from, line) };
}
