import type { ReactNode } from 'react';
import classes from './NameCell.module.css';

interface NameCellProps {
  /** The link, whose text may be cut. */
  children: ReactNode;
  description?: string | null;
}

/** What a row of a list is called, and below it what it is about. */
export function NameCell({ children, description }: NameCellProps) {
  return (
    <>
      <span className={classes.name}>{children}</span>
      {description && (
        <div className={classes.description} title={description}>
          {description}
        </div>
      )}
    </>
  );
}
