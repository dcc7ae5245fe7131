import { useElementSize } from '@mantine/hooks';
import { useId, useState } from 'react';
import { useLanguage } from '@/app/words';
import classes from './AreaChart.module.css';
import { formatCount } from './format/count';
import { formatSize } from './format/size';
import { formatInstant } from './format/time';
import { chooseDays, chooseTicks, drawLine, findLast, findMost, findNearest, type Kind, splitRuns, type Value } from './plot';

export interface Series {
  name: string;
  /** One for each moment; null where nothing was recorded. */
  values: Value[];
}

interface AreaChartProps {
  /** The range (ms), whether or not something was recorded in all of it. */
  from: number;
  until: number;
  /** When the values were (ms), ascending. */
  moments: number[];
  /** At most six. */
  series: Series[];
  kind: Kind;
  /** What a moment stands for: days are those of UTC. */
  step: 'hour' | 'day';
}

const HEIGHT = 220;
const BELOW = 24;
const ABOVE = 8;
/** Room for the labels of the axis: "1000 MB". */
const LEFT = 64;
const RIGHT = 12;
/** A label of a day, with air around it. */
const DAY_WIDTH = 72;
/** Before it is measured. */
const FIRST_WIDTH = 640;

/** Dashes per series, so that they are told apart without colour. */
const dashes = ['none', '6 3', '2 3', '8 3 2 3', '4 2', '1 3'];

/** Values over time as filled lines from zero. What was not recorded is left out. Put it into a `ChartFrame`. */
export function AreaChart({ from, until, moments, series, kind, step }: AreaChartProps) {
  const language = useLanguage();
  const { ref, width: measured } = useElementSize();
  const [pointed, setPointed] = useState<number>();
  const id = useId();
  const width = Math.max(measured || FIRST_WIDTH, LEFT + RIGHT + DAY_WIDTH);
  const ticks = chooseTicks(findMost(series.flatMap(({ values }) => values)), kind, language);
  const top = ticks.at(-1)?.value ?? 1;
  const bottom = HEIGHT - BELOW;
  const x = (at: number) => LEFT + ((at - from) / (until - from)) * (width - LEFT - RIGHT);
  const y = (value: number) => bottom - (value / top) * (bottom - ABOVE);
  const days = chooseDays(from, until, Math.floor((width - LEFT - RIGHT) / DAY_WIDTH));
  const at = pointed === undefined ? undefined : moments[pointed];
  const show = (value: Value | undefined) => {
    if (value === null || value === undefined) return '–';
    return kind === 'bytes' ? formatSize(value) : formatCount(value);
  };
  const point = (left: number, offset: number) => {
    const nearest = findNearest(moments, from + ((offset - left - LEFT) / (width - LEFT - RIGHT)) * (until - from));
    setPointed(nearest < 0 ? undefined : nearest);
  };
  return (
    <div ref={ref} className={classes.root}>
      <div className={classes.legend}>
        {series.map(({ name, values }, index) => (
          <span key={name} className={classes.entry}>
            <svg width="24" height="10" style={{ color: `var(--w-series-${index + 1})` }} aria-hidden>
              <line x1="0" x2="24" y1="5" y2="5" className={classes.line} strokeDasharray={dashes[index]} />
            </svg>
            {name} <b>{show(pointed === undefined ? findLast(values) : values[pointed])}</b>
          </span>
        ))}
        {at !== undefined && <span className="muted">{formatMoment(at, step)}</span>}
      </div>
      <svg
        className={classes.chart}
        width={width}
        height={HEIGHT}
        onPointerMove={(event) => point(event.currentTarget.getBoundingClientRect().left, event.clientX)}
        onPointerLeave={() => setPointed(undefined)}
      >
        {ticks.map(({ value, label }) => (
          <g key={value}>
            <line x1={LEFT} x2={width - RIGHT} y1={y(value)} y2={y(value)} className={value === 0 ? classes.axis : classes.grid} />
            <text x={LEFT - 8} y={y(value) + 4} textAnchor="end" className={classes.label}>
              {label}
            </text>
          </g>
        ))}
        {days.map(({ value, label }) => (
          <text key={value} x={x(value)} y={HEIGHT - 6} textAnchor="middle" className={classes.label}>
            {label}
          </text>
        ))}
        <clipPath id={id}>
          <rect x={LEFT} y={0} width={width - LEFT - RIGHT + 4} height={bottom + 2} />
        </clipPath>
        <g clipPath={`url(#${id})`}>
          {series.map(({ name, values }, index) => (
            <g key={name} style={{ color: `var(--w-series-${index + 1})` }}>
              {splitRuns(values).map(([first, last]) => {
                const places = range(first, last).map((each) => [x(moments[each] ?? from), y(values[each] ?? 0)] as const);
                const begin = places[0];
                const end = places.at(-1);
                if (!begin || !end) return null;
                if (first === last) return <circle key={first} cx={begin[0]} cy={begin[1]} r="3" className={classes.dot} />;
                return (
                  <g key={first}>
                    <path d={`${drawLine(places)}L${end[0].toFixed(1)} ${bottom}L${begin[0].toFixed(1)} ${bottom}Z`} className={classes.area} />
                    <path d={drawLine(places)} className={classes.line} strokeDasharray={dashes[index]} />
                  </g>
                );
              })}
            </g>
          ))}
        </g>
        {at !== undefined && <line x1={x(at)} x2={x(at)} y1={ABOVE} y2={bottom} className={classes.pointer} />}
      </svg>
    </div>
  );
}

const range = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, index) => first + index);

/** `2026-11-22 15:00` in the reader's zone, or the day in UTC. */
export function formatMoment(at: number, step: 'hour' | 'day') {
  const date = new Date(at);
  return step === 'day' ? date.toISOString().slice(0, 10) : formatInstant(date).slice(0, 16);
}
