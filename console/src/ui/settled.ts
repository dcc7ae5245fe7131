// A value that changes with each key, once the keys rest.
import { useDebouncedValue } from '@mantine/hooks';

/** How long (ms): shorter asks the server for each letter, longer feels slow. */
const RESTS = 300;

/** The same object for the same content, so that what depends on it is not asked again. */
export function useSettled<T>(value: T): T {
  const [settled] = useDebouncedValue(JSON.stringify(value), RESTS);
  return JSON.parse(settled) as T;
}
