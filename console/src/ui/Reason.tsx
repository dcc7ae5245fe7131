import type { ReactNode } from 'react';
import classes from './Reason.module.css';

/** Why something stands as it does: a quiet line below its state, for fingers and keyboards too. Nothing where there is no reason. */
export function Reason({ children }: { children: ReactNode }) {
  if (!children) return null;
  return <div className={classes.root}>{children}</div>;
}
