import type { ReactNode } from 'react';
import classes from './admin.module.css';

interface Tile {
  label: string;
  value: ReactNode;
  below?: ReactNode;
}

/** A few numbers that are looked for first. */
export function Tiles({ items }: { items: Tile[] }) {
  return (
    <dl className={classes.tiles}>
      {items.map(({ label, value, below }) => (
        <div key={label} className={classes.tile}>
          <dt>{label}</dt>
          <dd>
            <div className={classes.tileValue}>{value}</div>
            {below}
          </dd>
        </div>
      ))}
    </dl>
  );
}
