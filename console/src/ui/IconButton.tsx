import type { ComponentProps } from 'react';
import classes from './IconButton.module.css';

/** A button that is an icon; it needs an `aria-label`. Plain, because every row of a list has some. */
export function IconButton({ className, ...props }: ComponentProps<'button'>) {
  return <button type="button" {...props} className={className ? `${classes.button} ${className}` : classes.button} />;
}
