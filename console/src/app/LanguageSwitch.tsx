import { Button } from '@mantine/core';
import { useChooseLanguage } from '@/api/me';
import { useLanguage } from './words';

/** Goes to the other language; its name is in that language, for whoever cannot read this one. */
export function LanguageSwitch() {
  const language = useLanguage();
  const choose = useChooseLanguage();
  const other = language === 'zh' ? ({ code: 'en', short: 'EN', name: 'EN, English' } as const) : ({ code: 'zh', short: '中', name: '中，中文' } as const);
  return (
    <Button variant="subtle" color="gray" px={8} lang={other.code === 'zh' ? 'zh-CN' : 'en'} aria-label={other.name} onClick={() => choose.mutate(other.code)} style={{ color: 'var(--w-muted)' }}>
      {other.short}
    </Button>
  );
}
