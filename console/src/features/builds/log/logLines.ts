// The lines of a log that are here: fetched in blocks by their place in a section, added to by what the stream tells, and let go
// of when there are too many. Knows nothing of pages or of how lines are asked for.
import type { LogLine } from '@/api/buildLog';

/** Lines of a block: fewer ask often while scrolling, more wait long for the first ones. */
export const BLOCK = 500;

/** Blocks that are kept, 20,000 lines: a reader who comes back finds them, and memory has an end. */
const MOST_BLOCKS = 40;

/** A block of a section, counted from 0. */
export interface Block {
  section: number;
  block: number;
}

const blockOf = (position: number) => Math.floor((position - 1) / BLOCK);
const keyOf = (section: number, block: number) => `${section}.${block}`;

/** Positions of a block in its section, both in it. */
export const rangeOf = ({ block }: Block) => ({ from: block * BLOCK + 1, to: (block + 1) * BLOCK });

export class LogLines {
  /** In the order in which they were used. */
  private readonly blocks = new Map<string, Map<number, LogLine>>();

  add(lines: readonly LogLine[]) {
    for (const line of lines) this.blockFor(line.section, blockOf(line.position)).set(line.position, line);
    for (const key of this.blocks.keys()) {
      if (this.blocks.size <= MOST_BLOCKS) break;
      this.blocks.delete(key);
    }
  }

  /** A line by its place. */
  find(section: number, position: number): LogLine | undefined {
    return this.blocks.get(keyOf(section, blockOf(position)))?.get(position);
  }

  /** Blocks that have to be asked for so that these places can be shown; those that are here are kept longer. */
  listMissing(places: Iterable<{ section: number; position: number }>): Block[] {
    const missing = new Map<string, Block>();
    for (const { section, position } of places) {
      const block = blockOf(position);
      if (!this.find(section, position)) missing.set(keyOf(section, block), { section, block });
      else this.touch(keyOf(section, block));
    }
    return [...missing.values()];
  }

  private blockFor(section: number, block: number): Map<number, LogLine> {
    const key = keyOf(section, block);
    const found = this.blocks.get(key) ?? new Map<number, LogLine>();
    this.blocks.set(key, found);
    this.touch(key);
    return found;
  }

  private touch(key: string) {
    const block = this.blocks.get(key);
    if (!block) return;
    this.blocks.delete(key);
    this.blocks.set(key, block);
  }
}
