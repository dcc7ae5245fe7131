// Which versions of a list are ticked: what is done with several of them at once needs no more than their names.
import { useMemo, useState } from 'react';

export interface Ticks {
  /** In the order in which they were ticked. */
  names: string[];
  has: (name: string) => boolean;
  /** These stay the same function: rows that hold them are not drawn again. */
  toggle: (name: string) => void;
  add: (names: string[]) => void;
  remove: (names: string[]) => void;
  clear: () => void;
}

export function useTicks(): Ticks {
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  const changes = useMemo(() => {
    const remove = (names: string[]) =>
      setTicked((before) => {
        const after = new Set(before);
        for (const name of names) after.delete(name);
        return after;
      });
    const add = (names: string[]) => setTicked((before) => new Set([...before, ...names]));
    return {
      add,
      remove,
      toggle: (name: string) =>
        setTicked((before) => {
          const after = new Set(before);
          if (!after.delete(name)) after.add(name);
          return after;
        }),
      clear: () => setTicked(new Set()),
    };
  }, []);
  return useMemo(() => ({ names: [...ticked], has: (name) => ticked.has(name), ...changes }), [ticked, changes]);
}
