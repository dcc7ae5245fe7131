// The rows of a log: a head for each section, and its lines where it is open. Rows are counted, never made: a log may have
// 200,000 lines, and what is drawn asks for the few that it shows.
import type { LogIndex, LogLine, LogSection } from '@/api/buildLog';

/** Lines `from` to `to` of the log, both in it, counted from 1. */
export interface LineRange {
  from: number;
  to: number;
}

/** A line by its section and its number in that. */
export interface Place {
  section: number;
  position: number;
}

/** A head has position 0. */
export type Row = { section: LogSection; position: number };

interface Placed {
  section: LogSection;
  start: number;
  /** Lines that are shown below the head. */
  shown: number;
}

/**
 * The index after lines that the stream told: sections grow by them. What an index counted already stays, in whichever order both
 * came.
 */
export function growIndex(index: LogIndex, lines: readonly LogLine[]): LogIndex {
  if (lines.length === 0) return index;
  const ends = new Map<number, LogLine>();
  for (const line of lines) {
    const last = ends.get(line.section);
    if (!last || line.position > last.position) ends.set(line.section, line);
  }
  return {
    ...index,
    lines: Math.max(index.lines, lines.at(-1)?.number ?? 0),
    sections: index.sections.map((section) => {
      const last = ends.get(section.number);
      return last && last.position > section.lines ? { ...section, lines: last.position, last_line: last.number } : section;
    }),
  };
}

/** Sections that say something: phases are there only for what is told in them, or while they are all that happens. */
export function listShown(index: LogIndex): LogSection[] {
  const last = index.sections.at(-1);
  return index.sections.filter(
    (section) =>
      section.step !== null || section.lines > 0 || section.state === 'failed' || (section === last && section.state === 'running'),
  );
}

/** The step that was begun last and still runs; without one the phase. */
export function findCurrent(sections: readonly LogSection[]): LogSection | undefined {
  const running = sections.filter((section) => section.state === 'running');
  return running.findLast((section) => section.step !== null) ?? running.at(-1) ?? sections.at(-1);
}

/** Where what failed says so: the end of its section. */
export function findFailure(index: LogIndex): Place | undefined {
  const failed =
    index.sections.find(({ number }) => number === index.failing) ?? index.sections.findLast(({ state }) => state === 'failed');
  return failed && { section: failed.number, position: failed.lines };
}

export class RowMap {
  private readonly placed: Placed[] = [];
  readonly rows: number;

  constructor(sections: readonly LogSection[], isOpen: (section: LogSection) => boolean) {
    let start = 0;
    for (const section of sections) {
      const shown = isOpen(section) ? section.lines : 0;
      this.placed.push({ section, start, shown });
      start += 1 + shown;
    }
    this.rows = start;
  }

  /** What is in a row. */
  rowAt(index: number): Row | undefined {
    const place = this.placeOf(index);
    return place && { section: place.section, position: index - place.start };
  }

  /** The row of a place; of a line in a closed section the row of its head. */
  rowOf({ section, position }: Place): number | undefined {
    const place = this.placed.find((each) => each.section.number === section);
    return place && place.start + Math.min(position, place.shown);
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
