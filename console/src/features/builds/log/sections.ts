// The rows of a log: a head for each step, and its lines where it is open. Rows are counted, never made: a log may have
// 200,000 lines, and what is drawn asks for the few that it shows.

/** Lines `from` to `to`, both in it, counted from 1. */
export interface LineRange {
  from: number;
  to: number;
}

export interface Section {
  /** Of a step its attempt and number; of what the server says between steps its first line. */
  id: string;
  title: string;
  /** `said` is what the server told between steps: it neither runs nor fails. */
  state: 'running' | 'succeeded' | 'failed' | 'canceled' | 'said';
  cached: boolean;
  /** Milliseconds; missing while it runs. */
  duration?: number;
  /** Steps may write at the same time, so the lines of one can have gaps. */
  ranges: LineRange[];
}

export type Row = { kind: 'head'; section: Section } | { kind: 'line'; section: Section; line: number };

interface Placed {
  section: Section;
  start: number;
  /** Lines that are shown below the head. */
  shown: number;
}

const countLines = (section: Section) => section.ranges.reduce((sum, { from, to }) => sum + to - from + 1, 0);

export class RowMap {
  private readonly placed: Placed[] = [];
  readonly rows: number;

  constructor(sections: readonly Section[], isOpen: (section: Section) => boolean) {
    let start = 0;
    for (const section of sections) {
      const shown = isOpen(section) ? countLines(section) : 0;
      this.placed.push({ section, start, shown });
      start += 1 + shown;
    }
    this.rows = start;
  }

  /** What is in a row. */
  rowAt(index: number): Row | undefined {
    const place = this.placeOf(index);
    if (!place) return undefined;
    let offset = index - place.start - 1;
    if (offset < 0) return { kind: 'head', section: place.section };
    for (const { from, to } of place.section.ranges) {
      const size = to - from + 1;
      if (offset < size) return { kind: 'line', section: place.section, line: from + offset };
      offset -= size;
    }
    return undefined;
  }

  /** The row of a line; of a line in a closed section the row of its head. */
  rowOf(line: number): number | undefined {
    for (const { section, start, shown } of this.placed) {
      let before = 0;
      for (const { from, to } of section.ranges) {
        if (line >= from && line <= to) return shown === 0 ? start : start + 1 + before + line - from;
        before += to - from + 1;
      }
    }
    return undefined;
  }

  /** The row of a section's head. */
  headOf(id: string): number | undefined {
    return this.placed.find(({ section }) => section.id === id)?.start;
  }

  /** The last row of a section: its end is where its error is. */
  endOf(id: string): number | undefined {
    const place = this.placed.find(({ section }) => section.id === id);
    return place && place.start + place.shown;
  }

  /** The heads before and after a row, for walking from step to step. */
  nextHead(row: number, forwards: boolean): number | undefined {
    const starts = this.placed.map(({ start }) => start);
    return forwards ? starts.find((start) => start > row) : starts.findLast((start) => start < row);
  }

  private placeOf(index: number): Placed | undefined {
    let low = 0;
    let high = this.placed.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const place = this.placed[middle] as Placed;
      if (index < place.start) high = middle - 1;
      else if (index > place.start + place.shown) low = middle + 1;
      else return place;
    }
    return undefined;
  }
}

/** Which sections are open before the reader clicked any: of a running build the current one, of a failed one what failed. */
export function isOpenAtFirst(section: Section, build: { over: boolean; succeeded: boolean }, current?: string): boolean {
  if (!build.over) return section.id === current;
  return !build.succeeded && section.state === 'failed';
}

/** The section that holds a line. */
export const sectionOf = (sections: readonly Section[], line: number) =>
  sections.find((section) => section.ranges.some(({ from, to }) => line >= from && line <= to));
