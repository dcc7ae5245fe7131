// Counts: whole in tables, compact on axes and for pulls.
import type { Language } from '@/app/language';

/** `12,345` in both languages. */
export const formatCount = (count: number) => new Intl.NumberFormat('en').format(count);

/** `1.23万`, `12.3K`. */
export function formatCompact(count: number, language: Language) {
  const format = new Intl.NumberFormat(language === 'zh' ? 'zh-CN' : 'en', {
    notation: 'compact',
    maximumSignificantDigits: 3,
  });
  return format.format(count);
}
