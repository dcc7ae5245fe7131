import { type MantineColorScheme, Radio, Stack, Switch, useMantineColorScheme } from '@mantine/core';
import { useChooseLanguage } from '@/api/me';
import { switchKeys, useKeysOn } from '@/app/keys';
import type { Language } from '@/app/language';
import { Page } from '@/app/Page';
import '@/app/styles/forms';
import { useLanguage, useWords } from '@/app/words';

/** 外观: language, light or dark, and whether single keys do something. All of it at once, without a button. */
export function AppearancePage() {
  const say = useWords();
  const language = useLanguage();
  const choose = useChooseLanguage();
  const keys = useKeysOn();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <Page title={say('console.core.theme_menu')}>
      <Stack gap="xl" maw={720}>
        <Radio.Group label={say('console.account.language')} value={language} onChange={(value) => choose.mutate(value as Language)}>
          <Stack gap={8} mt={4}>
            <Radio value="zh" label="中文" lang="zh-CN" />
            <Radio value="en" label="English" lang="en" />
          </Stack>
        </Radio.Group>
        <Radio.Group label={say('console.account.colors')} value={colorScheme} onChange={(value) => setColorScheme(value as MantineColorScheme)}>
          <Stack gap={8} mt={4}>
            <Radio value="light" label={say('console.core.theme.light')} />
            <Radio value="dark" label={say('console.core.theme.dark')} />
            <Radio value="auto" label={say('console.core.theme.system')} />
          </Stack>
        </Radio.Group>
        <Switch label={say('console.account.keys')} description={say('console.account.keys_text')} checked={keys} onChange={(event) => switchKeys(event.currentTarget.checked)} />
      </Stack>
    </Page>
  );
}
