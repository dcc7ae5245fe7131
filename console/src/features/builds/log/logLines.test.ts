import { describe, expect, test } from 'vitest';
import type { LogLine } from '@/api/buildLog';
import { BLOCK, LogLines, rangeOf } from './logLines';

const line = (section: number, position: number): LogLine => ({
  number: position,
  section,
  position,
  at: '2026-11-22T15:31:26Z',
  text: `line ${position}`,
});
const block = (section: number, number: number) =>
  Array.from({ length: BLOCK }, (_, index) => line(section, number * BLOCK + index + 1));

describe('lines', () => {
  test('are found by their place in a section', () => {
    const lines = new LogLines();
    lines.add([line(1, 1), line(2, 1), line(1, BLOCK + 1)]);
    expect(lines.find(2, 1)?.section).toBe(2);
    expect(lines.find(1, BLOCK + 1)?.position).toBe(BLOCK + 1);
    expect(lines.find(1, 2)).toBeUndefined();
  });

  test('that are not here are asked for once a block', () => {
    const lines = new LogLines();
    lines.add([line(1, 1)]);
    const places = [1, 2, BLOCK, BLOCK + 1].map((position) => ({ section: 1, position }));
    expect(lines.listMissing(places)).toEqual([
      { section: 1, block: 0 },
      { section: 1, block: 1 },
    ]);
    expect(rangeOf({ section: 1, block: 1 })).toEqual({ from: BLOCK + 1, to: 2 * BLOCK });
  });

  test('are kept, 20,000 of them, those that were used last', () => {
    const lines = new LogLines();
    for (let number = 0; number < 40; number += 1) lines.add(block(1, number));
    expect(lines.listMissing([{ section: 1, position: 1 }])).toEqual([]);
    lines.add(block(1, 40));
    expect(lines.find(1, 1)).toBeDefined();
    expect(lines.find(1, BLOCK + 1)).toBeUndefined();
    expect(lines.find(1, 40 * BLOCK + 1)).toBeDefined();
  });
});
