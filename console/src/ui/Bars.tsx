import { useWords } from '@/app/words';
import classes from './Bars.module.css';
import { formatCount } from './format/count';

export interface Bar {
  label: string;
  value: number;
  /** A second count, hatched, behind the first. */
  rest?: number;
}

interface BarsProps {
  bars: Bar[];
  /** What the two counts are, where there are two. */
  legend?: { value: string; rest: string };
}

const sum = ({ value, rest = 0 }: Bar) => value + rest;

/** Bars that are drawn one by one: more of them are no picture any more. */
const SHOWN = 20;

/** The highest of them, and what the others come to; as they are where they are few. */
export function cutBars(bars: Bar[], others: string): Bar[] {
  if (bars.length <= SHOWN) return bars;
  const sorted = bars.toSorted((one, other) => sum(other) - sum(one));
  const cut = sorted.slice(SHOWN);
  const total = (pick: (bar: Bar) => number) => cut.reduce((all, bar) => all + pick(bar), 0);
  return [...sorted.slice(0, SHOWN), { label: others, value: total(({ value }) => value), rest: total(({ rest = 0 }) => rest) }];
}

/** Counts side by side, a bar for each of the highest, from nought; goes into a ChartFrame, which has them as a table too. */
export function Bars({ bars: all, legend }: BarsProps) {
  const say = useWords();
  const bars = cutBars(all, say('console.core.others', { count: all.length - SHOWN }));
  const most = Math.max(...bars.map(sum), 1);
  const share = (count: number) => ({ width: `${(count / most) * 100}%` });
  return (
    <div className={classes.root}>
      {legend && (
        <div className={classes.legend}>
          <span className={classes.bar} />
          {legend.value}
          <span className={classes.rest} />
          {legend.rest}
        </div>
      )}
      {bars.map((bar) => (
        <div key={bar.label} className={classes.row}>
          <span className={classes.label} title={bar.label}>
            {bar.label}
          </span>
          <span className={classes.track}>
            {bar.value > 0 && <span className={classes.bar} style={share(bar.value)} />}
            {!!bar.rest && <span className={classes.rest} style={share(bar.rest)} />}
          </span>
          <span className="number">{formatCount(sum(bar))}</span>
        </div>
      ))}
    </div>
  );
}
