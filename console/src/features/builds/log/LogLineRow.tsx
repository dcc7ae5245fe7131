import { memo, type MouseEvent } from 'react';
import { markMatches, parseLine, type Span } from './ansi';
import type { LogLine } from './logRecord';
import classes from './LogView.module.css';

interface LogLineRowProps {
  line: LogLine;
  /** The line's text: a partial line grows while it stays the same object. */
  text: string;
  linked: boolean;
  current: boolean;
  wanted: string;
  times: boolean;
  onNumber: (line: number, stretch: boolean) => void;
}

/** One line: its number to link to, when it was written, and its text as text. */
export const LogLineRow = memo(function LogLineRow({ line, text, linked, current, wanted, times, onNumber }: LogLineRowProps) {
  const spans = markMatches(parseLine(text), wanted);
  const click = (event: MouseEvent) => {
    event.preventDefault();
    onNumber(line.number, event.shiftKey);
  };
  return (
    <div className={classes.line} data-linked={linked || undefined} data-current={current || undefined} data-said={line.said}>
      <a href={`#L${line.number}`} className={classes.number} onClick={click}>
        {line.number}
      </a>
      {times && <span className={classes.time}>{formatClock(new Date(line.at))}</span>}
      <span className={classes.text}>
        {spans.map((span, index) => (
          <SpanText key={index} span={span} />
        ))}
      </span>
    </div>
  );
});

function SpanText({ span }: { span: Span }) {
  const className =
    [span.color && classes[span.color], span.bold && classes.bold, span.underline && classes.underline, span.dim && classes.dim]
      .filter(Boolean)
      .join(' ') || undefined;
  const style = span.exact ? { color: span.exact } : undefined;
  if (span.match !== undefined) return <mark className={classes.match}>{span.text}</mark>;
  if (span.href) {
    return (
      <a href={span.href} target="_blank" rel="noreferrer noopener" className={classes.address}>
        {span.text}
      </a>
    );
  }
  if (!className && !style) return <>{span.text}</>;
  return (
    <span className={className} style={style}>
      {span.text}
    </span>
  );
}

const pad = (part: number) => String(part).padStart(2, '0');
const formatClock = (at: Date) => `${pad(at.getHours())}:${pad(at.getMinutes())}:${pad(at.getSeconds())}`;
