import { Link } from '@tanstack/react-router';
import { useSuspenseQuery } from '@tanstack/react-query';
import { buildTrendQuery } from '@/api/builds';
import { useLanguage, useWords } from '@/app/words';
import { ChartFrame } from '@/ui/ChartFrame';
import { formatDuration } from '@/ui/format/duration';
import { TextLink } from '@/ui/links';
import { StateBadge } from '@/ui/StateBadge';
import classes from './BuildTrend.module.css';
import { drawTrend, summarizeTrend } from './trend';

const WIDTH = 240;
const HEIGHT = 40;

/** Bars as wide as 30 of them fit; fewer stay as narrow, from the left. */
const STEP = WIDTH / 30;

function BuildLink({ image, number }: { image: string; number: number }) {
  return (
    <TextLink to="/images/$name/builds/$number" params={{ name: image, number: String(number) }}>
      #{number}
    </TextLink>
  );
}

/** The last 30 builds of a rule as bars, each a link to its log. */
export function BuildTrend({ image, rule }: { image: string; rule: string }) {
  const say = useWords();
  const language = useLanguage();
  const { data } = useSuspenseQuery(buildTrendQuery(image, rule));
  const bars = drawTrend(data);
  if (bars.length === 0) return null;
  const { median, ...counts } = summarizeTrend(bars);
  const summary = say('console.builds.trend.summary', {
    ...counts,
    median: median === undefined ? '–' : formatDuration(median, language),
  });
  const took = (milliseconds?: number | null) =>
    milliseconds === undefined || milliseconds === null ? '–' : formatDuration(milliseconds, language);
  return (
    <ChartFrame
      linked
      title={say('console.builds.trend_title')}
      summary={summary}
      head={[say('console.builds.log'), say('console.builds.state'), say('console.builds.duration')]}
      rows={bars
        .toReversed()
        .map(({ build, state }) => [<BuildLink key="log" image={image} number={build.number} />, <StateBadge key="state" state={state} />, took(build.duration_ms)])}
    >
      <svg className={classes.chart} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} width={WIDTH} height={HEIGHT}>
        <defs>
          <pattern id="failed-build" width="4" height="4" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
            <rect width="4" height="4" className={classes.hatchGround} />
            <rect width="2" height="4" className={classes.hatch} />
          </pattern>
        </defs>
        {bars.map(({ build, failed, state, height }, index) => (
          <Link key={build.number} to="/images/$name/builds/$number" params={{ name: image, number: String(build.number) }} tabIndex={-1} aria-label={say('console.builds.title', { number: build.number })}>
            <rect
              className={failed ? classes.failed : classes[state] ?? classes.bar}
              x={index * STEP}
              y={HEIGHT - height * HEIGHT}
              width={STEP - 2}
              height={height * HEIGHT}
            >
              <title>{`#${build.number} ${took(build.duration_ms)}`}</title>
            </rect>
          </Link>
        ))}
        <line x1="0" x2={WIDTH} y1={HEIGHT} y2={HEIGHT} className={classes.axis} />
      </svg>
    </ChartFrame>
  );
}
