// How long something took.
import type { Language } from '@/app/language';

const units = {
  zh: { s: '秒', m: '分', h: '小时', gap: '', space: '' },
  en: { s: 's', m: 'm', h: 'h', gap: ' ', space: ' ' },
};

/** `38.2秒`, `2分32秒`, `1小时04分` / `38.2 s`, `2m 32s`, `1h 04m`. */
export function formatDuration(milliseconds: number, language: Language) {
  const unit = units[language];
  if (milliseconds < 59_950) return `${(milliseconds / 1000).toFixed(1)}${unit.space}${unit.s}`;
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)}${unit.m}${unit.gap}${pad(seconds % 60)}${unit.s}`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)}${unit.h}${unit.gap}${pad(minutes % 60)}${unit.m}`;
}

const pad = (part: number) => String(part).padStart(2, '0');
