import { useElementSize } from '@mantine/hooks';
import type { Workers } from '@/api/administration';
import { useLanguage, useWords } from '@/app/words';
import { ChartFrame } from '@/ui/ChartFrame';
import { splitForCut } from '@/ui/format/cut';
import { chooseTicks } from '@/ui/plot';
import classes from './admin.module.css';

type NamespaceQueue = Workers['namespaces'][number];

const ROW = 24;
const BAR = 16;
const BELOW = 24;
/** Of names, at most this part of the width. */
const NAMES = 0.3;
const FIRST_WIDTH = 640;
/** A character of a name (px), about. */
const CHARACTER = 7.5;

/** Builds that are not over, a bar per namespace: running ones filled, waiting ones hatched behind them. */
export function QueueChart({ queues }: { queues: NamespaceQueue[] }) {
  const say = useWords();
  const language = useLanguage();
  const { ref, width: measured } = useElementSize();
  if (queues.length === 0) return null;
  const width = measured || FIRST_WIDTH;
  const left = Math.round(Math.min(200, width * NAMES));
  const ticks = chooseTicks(Math.max(...queues.map(({ running, waiting }) => running + waiting)), 'count', language);
  const top = ticks.at(-1)?.value ?? 1;
  const bottom = queues.length * ROW;
  const scale = (count: number) => (count / top) * (width - left - 16);
  const sum = (pick: (queue: NamespaceQueue) => number) => queues.reduce((total, queue) => total + pick(queue), 0);
  const words = { running: say('console.admin.workers.running'), waiting: say('console.admin.workers.waiting') };
  return (
    <ChartFrame
      order={2}
      title={say('console.admin.workers.chart')}
      summary={say('console.admin.workers.chart_summary', { namespaces: queues.length, running: sum(({ running }) => running), waiting: sum(({ waiting }) => waiting) })}
      head={[say('console.core.namespace'), words.running, words.waiting]}
      rows={queues.map(({ name, running, waiting }) => [name, running, waiting])}
    >
      <div ref={ref}>
        <div className={classes.legend}>
          <span>
            <svg width="16" height="12" aria-hidden>
              <rect width="16" height="12" className={classes.running} />
            </svg>
            {words.running}
          </span>
          <span>
            <svg width="16" height="12" aria-hidden>
              <rect width="15" height="11" x="0.5" y="0.5" fill="url(#waiting-builds)" className={classes.waiting} />
            </svg>
            {words.waiting}
          </span>
        </div>
        <svg width={width} height={bottom + BELOW} className={classes.queue}>
          <defs>
            <pattern id="waiting-builds" width="4" height="4" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
              <rect width="4" height="4" className={classes.hatchGround} />
              <rect width="1.5" height="4" className={classes.hatch} />
            </pattern>
          </defs>
          {ticks.map(({ value, label }) => (
            <g key={value}>
              <line x1={left + scale(value)} x2={left + scale(value)} y1={0} y2={bottom} className={value === 0 ? classes.axis : classes.grid} />
              <text x={left + scale(value)} y={bottom + 16} textAnchor="middle" className={classes.label}>
                {label}
              </text>
            </g>
          ))}
          {queues.map(({ name, running, waiting }, index) => (
            <g key={name} transform={`translate(0 ${index * ROW + (ROW - BAR) / 2})`}>
              <title>{name}</title>
              <text x={left - 8} y={12} textAnchor="end" className={classes.label}>
                {cutName(name, (left - 8) / CHARACTER)}
              </text>
              {running > 0 && <rect x={left} width={scale(running)} height={BAR} className={classes.running} />}
              {waiting > 0 && <rect x={left + scale(running)} width={scale(waiting)} height={BAR} fill="url(#waiting-builds)" className={classes.waiting} />}
            </g>
          ))}
        </svg>
      </div>
    </ChartFrame>
  );
}

/** The whole name, or both its ends. */
function cutName(name: string, room: number) {
  if (name.length <= room) return name;
  const [, end] = splitForCut(name);
  const kept = Math.max(2, Math.min(end.length, Math.floor(room / 2) - 1));
  return `${name.slice(0, Math.max(2, Math.floor(room) - kept - 1))}…${name.slice(-kept)}`;
}
