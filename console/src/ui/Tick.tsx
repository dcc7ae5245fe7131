import type { ComponentProps } from 'react';
import classes from './Tick.module.css';

interface TickProps extends Omit<ComponentProps<'input'>, 'type' | 'className' | 'ref'> {
  /** Some of what it stands for are ticked. */
  indeterminate?: boolean;
}

/** A box to tick a row, or all of them; it needs an `aria-label`. Plain, because rows are many. */
export function Tick({ indeterminate = false, ...props }: TickProps) {
  const mark = (box: HTMLInputElement | null) => {
    if (box) box.indeterminate = indeterminate;
  };
  return <input {...props} ref={mark} type="checkbox" className={classes.tick} />;
}
