// Sizes of content are decimal, as docker prints them; limits are binary, as people set them.

const decimal = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
const binary = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** Three digits: `974 B`, `96.4 MB`, `1.24 GB`. */
export const formatSize = (bytes: number) => scale(bytes, 1000, decimal);

/** `4 GiB`, `1.5 GiB`: what somebody set, without zeros behind it. */
export function formatLimit(bytes: number) {
  return scale(bytes, 1024, binary).replace(/\.0+ |(\.\d*[1-9])0+ /, '$1 ');
}

function scale(bytes: number, base: number, units: string[]) {
  let value = bytes;
  let unit = 0;
  // 999.5 would be printed as four digits.
  while (value >= base - 0.5 && unit < units.length - 1) {
    value /= base;
    unit += 1;
  }
  if (unit === 0) return `${Math.round(value)} ${units[0]}`;
  const places = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
  return `${value.toFixed(places)} ${units[unit]}`;
}
