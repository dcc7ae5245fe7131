// Counts: whole in tables, compact on axes and for pulls.
import type { Language } from '@/app/language';

// Made once: making one takes far longer than using it, and a list has several numbers in a row.
const whole = new Intl.NumberFormat('en');
const compact = {
  zh: new Intl.NumberFormat('zh-CN', { notation: 'compact', maximumSignificantDigits: 3 }),
  en: new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 }),
};

/** `12,345` in both languages. */
export const formatCount = (count: number) => whole.format(count);

/** `1.23万`, `12.3K`. */
export const formatCompact = (count: number, language: Language) => compact[language].format(count);
