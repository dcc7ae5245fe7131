import classes from './Sparkline.module.css';

interface SparklineProps {
  /** From the oldest to the newest; what was not recorded is a gap. */
  values: (number | null)[];
  /** What the picture shows in a sentence: its name for people who do not see it. */
  summary: string;
}

const WIDTH = 120;
const HEIGHT = 24;

/** Room (px) for the line's own width at the edges. */
const EDGE = 2;

/** A line as high as a row of text, from nought. Nothing where there are fewer than two points. */
export function Sparkline({ values, summary }: SparklineProps) {
  const lines = drawLines(values, WIDTH, HEIGHT);
  if (lines.length === 0) return null;
  return (
    <svg className={classes.root} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} width={WIDTH} height={HEIGHT} role="img" aria-label={summary}>
      <title>{summary}</title>
      {lines.map((points) => (
        <polyline key={points} points={points} />
      ))}
    </svg>
  );
}

/** The lines between gaps, each as SVG's points. */
export function drawLines(values: (number | null)[], width: number, height: number): string[] {
  const highest = Math.max(...values.map((value) => value ?? 0), 1);
  const step = (width - 2 * EDGE) / Math.max(values.length - 1, 1);
  const lines: string[][] = [[]];
  values.forEach((value, index) => {
    if (value === null) {
      lines.push([]);
      return;
    }
    const x = EDGE + index * step;
    const y = height - EDGE - (value / highest) * (height - 2 * EDGE);
    lines.at(-1)?.push(`${round(x)},${round(y)}`);
  });
  return lines.filter((points) => points.length > 1).map((points) => points.join(' '));
}

const round = (place: number) => Math.round(place * 10) / 10;
