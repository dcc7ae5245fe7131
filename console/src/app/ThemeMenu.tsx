import { type MantineColorScheme, useMantineColorScheme } from '@mantine/core';
import { IconDeviceDesktop, IconMoon, IconSun } from '@tabler/icons-react';
import { ActionMenu } from '@/ui/ActionMenu';
import { useWords } from './words';

const schemes = [
  { scheme: 'light', Icon: IconSun, word: 'console.core.theme.light' },
  { scheme: 'dark', Icon: IconMoon, word: 'console.core.theme.dark' },
  { scheme: 'auto', Icon: IconDeviceDesktop, word: 'console.core.theme.system' },
] as const satisfies { scheme: MantineColorScheme; Icon: unknown; word: string }[];

/** Light, dark, or as the system is. */
export function ThemeMenu() {
  const say = useWords();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const { Icon } = schemes.find(({ scheme }) => scheme === colorScheme) ?? schemes[2];
  return (
    <ActionMenu
      label={say('console.core.theme_menu')}
      icon={<Icon size={18} aria-hidden />}
      items={schemes.map((each) => ({
        label: say(each.word),
        icon: <each.Icon size={16} aria-hidden />,
        chosen: each.scheme === colorScheme,
        onSelect: () => setColorScheme(each.scheme),
      }))}
    />
  );
}
