// Which versions of a list are ticked: what is done with several of them at once needs no more than their names.
import { useState } from 'react';

export interface Ticks {
  names: string[];
  has: (name: string) => boolean;
  toggle: (name: string) => void;
  add: (names: string[]) => void;
  remove: (names: string[]) => void;
  clear: () => void;
}

/** In the order in which they were ticked. */
export function useTicks(): Ticks {
  const [names, setNames] = useState<string[]>([]);
  return {
    names,
    has: (name) => names.includes(name),
    toggle: (name) => setNames((before) => (before.includes(name) ? before.filter((each) => each !== name) : [...before, name])),
    add: (more) => setNames((before) => [...new Set([...before, ...more])]),
    remove: (gone) => setNames((before) => before.filter((each) => !gone.includes(each))),
    clear: () => setNames([]),
  };
}
