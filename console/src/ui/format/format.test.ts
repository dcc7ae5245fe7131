import { describe, expect, test } from 'vitest';
import { formatCompact, formatCount } from './count';
import { cutDigest, splitForCut } from './cut';
import { formatDuration } from './duration';
import { formatLimit, formatSize } from './size';
import { formatInstant, formatRelative } from './time';

describe('sizes', () => {
  test.each([
    [0, '0 B'],
    [974, '974 B'],
    [999, '999 B'],
    [1000, '1.00 kB'],
    [96_400_000, '96.4 MB'],
    [999_700, '1.00 MB'],
    [1_240_000_000, '1.24 GB'],
    [61_234_567, '61.2 MB'],
    [612_345_678, '612 MB'],
  ])('%d bytes of content are %s, three digits', (bytes, text) => {
    expect(formatSize(bytes)).toBe(text);
  });

  test.each([
    [4 * 1024 ** 3, '4 GiB'],
    [1.5 * 1024 ** 3, '1.5 GiB'],
    [100 * 1024 ** 2, '100 MiB'],
  ])('a limit of %d is %s, as it was set', (bytes, text) => {
    expect(formatLimit(bytes)).toBe(text);
  });
});

test('counts are whole in tables and compact elsewhere', () => {
  expect(formatCount(12_345)).toBe('12,345');
  expect(formatCompact(12_345, 'zh')).toBe('1.23万');
  expect(formatCompact(12_345, 'en')).toBe('12.3K');
});

test.each([
  [38_200, '38.2秒', '38.2 s'],
  [59_980, '1分00秒', '1m 00s'],
  [152_000, '2分32秒', '2m 32s'],
  [3_840_000, '1小时04分', '1h 04m'],
])('%d milliseconds are %s and %s', (milliseconds, zh, en) => {
  expect(formatDuration(milliseconds, 'zh')).toBe(zh);
  expect(formatDuration(milliseconds, 'en')).toBe(en);
});

describe('times', () => {
  const now = new Date(2026, 10, 22, 15, 31, 26);
  const before = (milliseconds: number) => new Date(now.getTime() - milliseconds);

  test('are relative for a week, then a date', () => {
    expect(formatRelative(before(180_000), now, 'zh')).toBe('3分钟前');
    expect(formatRelative(before(180_000), now, 'en')).toBe('3m ago');
    expect(formatRelative(before(8 * 86_400_000), now, 'zh')).toBe('2026-11-14');
  });

  test('of this minute are now, even where the clocks differ by seconds', () => {
    expect(formatRelative(before(-20_000), now, 'en')).toBe('now');
    expect(formatRelative(before(40_000), now, 'zh')).toBe('现在');
  });

  test('of records are whole and the same in both languages', () => {
    expect(formatInstant(now)).toBe('2026-11-22 15:31:26');
  });
});

test('a digest is cut so that both ends stay', () => {
  expect(cutDigest(`sha256:9f8d7f${'0'.repeat(54)}bde6`)).toBe('sha256:9f8d7f…bde6');
  expect(splitForCut('release-2026-11-22')).toEqual(['release-2', '026-11-22']);
  expect(splitForCut('v1')).toEqual(['v', '1']);
});
