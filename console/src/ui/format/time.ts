// Points in time: relative in lists for a week, then the date; whole in records, audit and logs.
import type { Language } from '@/app/language';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

// Made once: making one takes far longer than using it.
const relative = {
  zh: new Intl.RelativeTimeFormat('zh-CN', { style: 'short', numeric: 'auto' }),
  en: new Intl.RelativeTimeFormat('en', { style: 'narrow', numeric: 'auto' }),
};

/** `3分钟前`, `3m ago`, after seven days `2026-08-20`. */
export function formatRelative(at: Date, now: Date, language: Language) {
  const past = now.getTime() - at.getTime();
  if (Math.abs(past) >= 7 * day) return formatDate(at);
  const [amount, unit] = chooseUnit(past);
  const format = relative[language];
  // A reader does not care for less than a minute; clocks differ by seconds, so the future begins later.
  if (amount === 0) return format.format(0, 'second');
  return format.format(-amount, unit);
}

function chooseUnit(past: number): [number, Intl.RelativeTimeFormatUnit] {
  const size = Math.abs(past);
  if (size < minute) return [0, 'second'];
  if (size < hour) return [Math.trunc(past / minute), 'minute'];
  if (size < day) return [Math.trunc(past / hour), 'hour'];
  return [Math.trunc(past / day), 'day'];
}

/** `2026-11-22`, in the reader's own zone. */
export const formatDate = (at: Date) =>
  `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())}`;

/** `2026-11-22 15:31:26`, in the reader's own zone. */
export const formatInstant = (at: Date) =>
  `${formatDate(at)} ${pad(at.getHours())}:${pad(at.getMinutes())}:${pad(at.getSeconds())}`;

/** `UTC+08:00`, said beside a whole time. */
export function formatZone(at: Date) {
  const offset = -at.getTimezoneOffset();
  const sign = offset < 0 ? '-' : '+';
  const size = Math.abs(offset);
  return `UTC${sign}${pad(Math.floor(size / 60))}:${pad(size % 60)}`;
}

const pad = (part: number) => String(part).padStart(2, '0');
