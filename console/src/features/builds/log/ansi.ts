// A line of a log as a terminal would show it: spans of text with a colour's class, links marked, escape sequences gone.
// Each line stands alone, because lines are fetched by number: what a line before it switched on does not reach into it.
import Anser from 'anser';

export interface Span {
  text: string;
  /** One of the eight colours of terminals; the style sheet knows them. */
  color?: AnsiColor;
  /** Any other colour, light enough for the dark ground: `#rrggbb`. */
  exact?: string;
  bold?: boolean;
  underline?: boolean;
  dim?: boolean;
  /** An address that may be followed. */
  href?: string;
  /** Part of what is searched for: the number of the match in the line, from 0. */
  match?: number;
}

export type AnsiColor = 'black' | 'red' | 'green' | 'yellow' | 'blue' | 'magenta' | 'cyan' | 'white';

/** The ground that logs are drawn on, in both schemes. */
const GROUND: Rgb = [0x0e, 0x15, 0x19];

/** WCAG AA for text: less is hard to read. */
const CONTRAST = 4.5;

type Rgb = [number, number, number];

// Titles, hyperlinks and the like (OSC … BEL or ST), then single escapes such as ESC ( B, then other controls but tab.
// oxlint-disable-next-line no-control-regex
const notColours = /\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|\u001b[()#][0-9A-Za-z]|\u001b[=>78cDEHMNOZ]|[\u0000-\u0008\u000b-\u001a\u007f]/g;

/** What a terminal would show last of a line that went back to its beginning: progress bars write so. */
export function keepLastSegment(line: string): string {
  const segments = line.replace(/\r+$/, '').split('\r');
  return segments.findLast((segment) => segment !== '') ?? '';
}

/** The spans of a raw line. */
export function parseLine(line: string): Span[] {
  const text = keepLastSegment(line).replaceAll(notColours, '');
  if (!text.includes('\u001b')) return markLinks([{ text }]);
  const parsed = Anser.ansiToJson(text, { json: true, use_classes: true, remove_empty: true });
  return markLinks(
    parsed.map((part) => {
      const span: Span = { text: part.content };
      Object.assign(span, readColor(part.fg, part.fg_truecolor));
      // Bold, underlined and dimmed are what build tools use; the others would only disturb.
      if (part.decorations.includes('bold')) span.bold = true;
      if (part.decorations.includes('dim')) span.dim = true;
      if (part.decorations.includes('underline')) span.underline = true;
      return span;
    }),
  );
}

/** The line without its colours: what is searched in and copied. */
export const plainText = (spans: Span[]) => spans.map((span) => span.text).join('');

const named = new Set<string>(['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white']);

function readColor(name: string | null, truecolor: string | null): Pick<Span, 'color' | 'exact'> {
  if (!name) return {};
  const basic = name.replace(/^ansi-(bright-)?/, '');
  if (named.has(basic)) return { color: basic as AnsiColor };
  const palette = /^ansi-palette-(\d+)$/.exec(name);
  if (palette) return { exact: toHex(lighten(readPalette(Number(palette[1])))) };
  if (name === 'ansi-truecolor' && truecolor) {
    const [red = 0, green = 0, blue = 0] = truecolor.split(',').map(Number);
    return { exact: toHex(lighten([red, green, blue])) };
  }
  return {};
}

/** A colour of the 256 of xterm: a cube of six steps each, then grays. */
function readPalette(index: number): Rgb {
  if (index >= 232) {
    const gray = 8 + (index - 232) * 10;
    return [gray, gray, gray];
  }
  const rest = Math.max(0, index - 16);
  return [stepOf(Math.floor(rest / 36)), stepOf(Math.floor(rest / 6) % 6), stepOf(rest % 6)];
}

const stepOf = (value: number) => (value === 0 ? 0 : 55 + value * 40);

/** The colour with as much white in it as it needs to be read on the ground. */
export function lighten(color: Rgb): Rgb {
  let mixed = color;
  for (let white = 0; white <= 1 && contrast(mixed, GROUND) < CONTRAST; white += 0.05) {
    mixed = color.map((part) => Math.round(part + (255 - part) * white)) as Rgb;
  }
  return mixed;
}

export function contrast(one: Rgb, other: Rgb): number {
  const [a, b] = [luminance(one), luminance(other)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

/** Relative luminance (WCAG 2.2). */
function luminance([red, green, blue]: Rgb): number {
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}

function linear(part: number): number {
  const value = part / 255;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

const toHex = (color: Rgb) => `#${color.map((part) => part.toString(16).padStart(2, '0')).join('')}`;

const address = /https?:\/\/[^\s"'<>`|{}\\^]+[^\s"'<>`|{}\\^.,;:!?)\]]/g;

/** Marks http and https addresses; nothing else can be followed out of a log. */
function markLinks(spans: Span[]): Span[] {
  return spans.flatMap((span) => {
    const parts: Span[] = [];
    let end = 0;
    for (const found of span.text.matchAll(address)) {
      if (found.index > end) parts.push({ ...span, text: span.text.slice(end, found.index) });
      parts.push({ ...span, text: found[0], href: found[0] });
      end = found.index + found[0].length;
    }
    if (end < span.text.length || parts.length === 0) parts.push({ ...span, text: span.text.slice(end) });
    return parts;
  });
}

/** Most matches of a line that are marked: each is an element, and nobody looks at more of them in one line. */
const MOST_MARKED = 200;

/** Cuts spans at the first `MOST_MARKED` places where `wanted` stands, in whatever case, and numbers the matches. */
export function markMatches(spans: Span[], wanted: string): Span[] {
  if (wanted === '') return spans;
  const text = plainText(spans).toLowerCase();
  const needle = wanted.toLowerCase();
  const places: number[] = [];
  for (let at = text.indexOf(needle); at >= 0 && places.length < MOST_MARKED; at = text.indexOf(needle, at + needle.length)) places.push(at);
  if (places.length === 0) return spans;
  const marked: Span[] = [];
  let start = 0;
  // The match that is next, or that is being written.
  let match = 0;
  for (const span of spans) {
    let done = 0;
    while (done < span.text.length) {
      const at = start + done;
      const place = places[match] ?? Infinity;
      const within = at >= place;
      const end = within ? place + needle.length : place;
      const until = Math.min(span.text.length, end - start);
      marked.push({ ...span, text: span.text.slice(done, until), ...(within && { match }) });
      done = until;
      if (within && start + until === end) match += 1;
    }
    start += span.text.length;
  }
  return marked;
}
