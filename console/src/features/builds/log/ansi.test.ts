import { describe, expect, test } from 'vitest';
import { contrast, keepLastSegment, lighten, markMatches, parseLine, plainText } from './ansi';

const red = '\u001b[31m';
const off = '\u001b[0m';

const links = (text: string) => parseLine(text).filter((span) => span.href).map((span) => span.href);

describe('a line', () => {
  test('without escapes is one span', () => {
    expect(parseLine('npm ci')).toEqual([{ text: 'npm ci' }]);
  });

  test('is cut where its colour changes', () => {
    expect(parseLine(`a ${red}b${off} c`)).toEqual([{ text: 'a ' }, { text: 'b', color: 'red' }, { text: ' c' }]);
  });

  test('knows bright colours as the same and bold as bold', () => {
    expect(parseLine('\u001b[1;92mok\u001b[0m')).toEqual([{ text: 'ok', color: 'green', bold: true }]);
  });

  test('loses titles, cursor movements and other controls', () => {
    expect(plainText(parseLine('\u001b]0;title\u0007a\u001b[2Kb\u001b[1Gc\u0008d'))).toBe('abcd');
  });

  test('never lets markup through as anything but text', () => {
    expect(parseLine('<img src=x onerror=alert(1)>')).toEqual([{ text: '<img src=x onerror=alert(1)>' }]);
  });

  test('makes links of http and https only, without the full stop behind them', () => {
    expect(links('see https://npm.example/x?a=1. and http://b.example/')).toEqual([
      'https://npm.example/x?a=1',
      'http://b.example/',
    ]);
    expect(links('javascript:alert(1) file:///etc/passwd data:text/html,x')).toEqual([]);
  });
});

describe('what a carriage return overwrote', () => {
  test.each([
    ['10%\r50%\r100%', '100%'],
    ['done\r', 'done'],
    ['10%\r100%\r\r', '100%'],
    ['', ''],
  ])('%j shows %j', (raw, shown) => {
    expect(keepLastSegment(raw)).toBe(shown);
  });
});

test('other colours are lightened until they can be read', () => {
  const ground = [0x0e, 0x15, 0x19] as [number, number, number];
  for (const color of [[0, 0, 0], [0, 0, 255], [90, 0, 0], [250, 250, 250]] as [number, number, number][]) {
    expect(contrast(lighten(color), ground)).toBeGreaterThanOrEqual(4.5);
  }
  const [span] = parseLine('\u001b[38;5;17mnavy\u001b[0m');
  expect(span?.exact).toMatch(/^#[0-9a-f]{6}$/);
  expect(parseLine('\u001b[38;2;10;20;30mx')[0]?.exact).toMatch(/^#[0-9a-f]{6}$/);
});

describe('matches', () => {
  test('are found in whatever case, across colours, and numbered', () => {
    const spans = markMatches(parseLine(`xER${red}ror${off} error`), 'error');
    expect(spans.map(({ text, match }) => [text, match])).toEqual([
      ['x', undefined],
      ['ER', 0],
      ['ror', 0],
      [' ', undefined],
      ['error', 1],
    ]);
  });

  test('are marked as far as somebody looks at them, and nothing of the line is lost', () => {
    const line = 'a'.repeat(8192);
    const spans = markMatches([{ text: line.slice(0, 100) }, { text: line.slice(100), bold: true }], 'a');
    expect(spans.map(({ match }) => match)).toEqual([...Array.from({ length: 200 }, (_, index) => index), undefined]);
    expect(spans.map(({ text }) => text).join('')).toBe(line);
  });

  test('of nothing change nothing', () => {
    const spans = parseLine('abc');
    expect(markMatches(spans, '')).toBe(spans);
    expect(markMatches(spans, 'z')).toBe(spans);
  });
});
