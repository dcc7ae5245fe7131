import classes from './Bars.module.css';
import { formatCount } from './format/count';

export interface Bar {
  label: string;
  value: number;
}

/** Counts side by side, a bar for each, from nought; goes into a ChartFrame, which has them as a table too. */
export function Bars({ bars }: { bars: Bar[] }) {
  const most = Math.max(...bars.map((bar) => bar.value), 1);
  return (
    <div className={classes.root}>
      {bars.map(({ label, value }) => (
        <div key={label} className={classes.row}>
          <span className={classes.label} title={label}>
            {label}
          </span>
          <span className={classes.track}>
            <span className={classes.bar} style={{ width: `${(value / most) * 100}%` }} />
          </span>
          <span className="number">{formatCount(value)}</span>
        </div>
      ))}
    </div>
  );
}
