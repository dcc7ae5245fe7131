// Every colour of the console by what it means, for both schemes. The ratios are WCAG AA over all four surfaces.
// In CSS: var(--w-muted), var(--w-failed) …; body, text, links, errors and placeholders are Mantine's own variables.

interface Palette {
  body: string;
  subtle: string;
  hover: string;
  selected: string;
  text: string;
  muted: string;
  placeholder: string;
  link: string;
  focus: string;
  danger: string;
  success: string;
  failed: string;
  running: string;
  warning: string;
  idle: string;
  control: string;
  divider: string;
  series: readonly [string, string, string, string, string, string];
}

export const light: Palette = {
  body: '#FFFFFF',
  subtle: '#F5F7F8',
  hover: '#EAEEF0',
  selected: '#E2F1F6',
  text: '#16212B',
  muted: '#53616B',
  placeholder: '#65727B',
  link: '#0A6787',
  focus: '#1B5FC1',
  danger: '#C02B2B',
  success: '#1A7035',
  failed: '#C02B2B',
  running: '#1B5FC1',
  warning: '#8A5200',
  idle: '#56636C',
  control: '#7D8A92',
  divider: '#D5DCE0',
  series: ['#0A6787', '#B8561B', '#5B57B8', '#1A7035', '#A63A79', '#6B7680'],
};

export const dark: Palette = {
  body: '#11181D',
  subtle: '#182127',
  hover: '#222D34',
  selected: '#12323D',
  text: '#E3E9ED',
  muted: '#A3B0B9',
  placeholder: '#8C9AA4',
  link: '#63C3E0',
  focus: '#7FB2FF',
  danger: '#C93A37',
  success: '#5FCB82',
  failed: '#FF8A85',
  running: '#7FB2FF',
  warning: '#F2B84B',
  idle: '#A3B0B9',
  control: '#74838E',
  divider: '#33404A',
  series: ['#63C3E0', '#F0A06A', '#A9A5FF', '#5FCB82', '#EE94C6', '#A3B0B9'],
};

/** The palette as CSS variables. */
export function nameColors(palette: Palette): Record<string, string> {
  const { series, ...colors } = palette;
  const named = Object.entries(colors).map(([name, color]) => [`--w-${name}`, color]);
  const charted = series.map((color, index) => [`--w-series-${index + 1}`, color]);
  return {
    ...Object.fromEntries([...named, ...charted]),
    '--mantine-color-body': palette.body,
    '--mantine-color-text': palette.text,
    '--mantine-color-dimmed': palette.muted,
    '--mantine-color-error': palette.failed,
    '--mantine-color-anchor': palette.link,
    '--mantine-color-placeholder': palette.placeholder,
    '--mantine-color-default-border': palette.control,
    '--mantine-color-default-color': palette.text,
    '--mantine-color-default': palette.body,
    '--mantine-color-default-hover': palette.hover,
    '--table-border-color': palette.divider,
  };
}
