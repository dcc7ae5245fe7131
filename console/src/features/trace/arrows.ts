// The lines between cards. Pure.

export interface Box {
  left: number;
  right: number;
  /** Half its height, from the top. */
  middle: number;
}

export interface Arrow {
  key: string;
  line: string;
  head: string;
}

/** How far (px) from the cards an arrow begins and ends, and how long its head is. */
const GAP = 2;
const HEAD = 5;

/** From the right side of one card to the left side of another, level at both ends. */
export function drawArrow(key: string, from: Box, to: Box): Arrow {
  const x1 = from.right + GAP;
  const x2 = to.left - GAP;
  const bend = (x1 + x2) / 2;
  const y1 = from.middle;
  const y2 = to.middle;
  return {
    key,
    line: `M${x1} ${y1} C${bend} ${y1} ${bend} ${y2} ${x2 - HEAD} ${y2}`,
    head: `M${x2} ${y2} l-${HEAD + 1} -${HEAD - 1} v${2 * (HEAD - 1)} z`,
  };
}
