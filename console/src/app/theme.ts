// Mantine as the console wears it. Defaults here are those that every use needs; others stand where they are used.
import { createTheme, type CSSVariablesResolver } from '@mantine/core';
import { dark, light, nameColors } from './colors';

export const theme = createTheme({
  primaryColor: 'tide',
  primaryShade: { light: 7, dark: 6 },
  colors: {
    tide: ['#E9F6FA', '#D2ECF4', '#B2DFEC', '#8CD1E4', '#63C3E0', '#3AA6C8', '#0F7AA0', '#0A6787', '#085570', '#063F54'],
    dark: ['#E3E9ED', '#C3CED5', '#A3B0B9', '#8C9AA4', '#33404A', '#222D34', '#182127', '#11181D', '#0E1519', '#0A1013'],
    danger: ['#FDECEC', '#FAD5D4', '#F5B3B1', '#F08F8C', '#FF8A85', '#DC5350', '#C93A37', '#C02B2B', '#A32222', '#7E1818'],
  },
  fontFamily:
    'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "PingFang SC", "Microsoft YaHei UI", "Noto Sans CJK SC", sans-serif',
  fontFamilyMonospace:
    'ui-monospace, "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", "Noto Sans Mono CJK SC", monospace',
  fontSizes: { xs: '12px', sm: '14px', md: '14px', lg: '16px', xl: '20px' },
  lineHeights: { xs: '18px', sm: '22px', md: '22px', lg: '24px', xl: '28px' },
  spacing: { xs: '4px', sm: '8px', md: '12px', lg: '16px', xl: '24px' },
  headings: {
    fontWeight: '600',
    sizes: {
      h1: { fontSize: '20px', lineHeight: '28px' },
      h2: { fontSize: '16px', lineHeight: '24px' },
      h3: { fontSize: '14px', lineHeight: '22px' },
    },
  },
  defaultRadius: 6,
  respectReducedMotion: true,
  focusRing: 'auto',
  cursorType: 'pointer',
  // Plain objects: naming the components would put all of them into the first load.
  components: {
    // A dialog's title bar is no banner of the page.
    ModalHeader: { defaultProps: { role: 'presentation' } },
    DrawerHeader: { defaultProps: { role: 'presentation' } },
    // What lies over the page belongs to its main landmark.
    Portal: { defaultProps: { target: '#overlays' } },
    Menu: { defaultProps: { withInitialFocusPlaceholder: false, shadow: 'md' } },
    Anchor: { defaultProps: { underline: 'hover' } },
    Button: { defaultProps: { size: 'sm' } },
    ActionIcon: { defaultProps: { variant: 'subtle', color: 'gray', size: 28 } },
  },
});

export const cssVariablesResolver: CSSVariablesResolver = () => ({
  variables: {},
  // Red on Mantine's own shade of a button under the pointer is hard to read.
  light: { ...nameColors(light), '--mantine-color-danger-light-hover': 'var(--mantine-color-danger-0)' },
  dark: nameColors(dark),
});
