import { memo, type MouseEvent } from 'react';
import type { LogLine, LogSection } from '@/api/buildLog';
import { formatInstant } from '@/ui/format/time';
import { markMatches, parseLine, type Span } from './ansi';
import classes from './LogView.module.css';

interface LogLineRowProps {
  line: LogLine;
  said: Said;
  linked: boolean;
  current: boolean;
  wanted: string;
  times: boolean;
  onNumber: (line: number, stretch: boolean) => void;
}

/** Who says a line, where it is not the command: the server, or the builder about the command. */
export type Said = 'warning' | 'notice' | 'error' | undefined;

export function readSaid(section: LogSection, line: LogLine): Said {
  if (section.step === null) return line.text.startsWith('WARN: ') ? 'warning' : 'notice';
  return section.state === 'failed' && line.text.startsWith('ERROR: ') ? 'error' : undefined;
}

/** One line: its number to link to, when it was written, and its text as text. */
export const LogLineRow = memo(function LogLineRow({ line, said, linked, current, wanted, times, onNumber }: LogLineRowProps) {
  const spans = markMatches(parseLine(line.text), wanted);
  const click = (event: MouseEvent) => {
    event.preventDefault();
    onNumber(line.number, event.shiftKey);
  };
  return (
    <div className={classes.line} data-linked={linked || undefined} data-current={current || undefined} data-said={said}>
      <a href={`#L${line.number}`} className={classes.number} onClick={click}>
        {line.number}
      </a>
      {times && (
        <time dateTime={line.at} className={classes.time}>
          {formatInstant(new Date(line.at))}
        </time>
      )}
      <span className={classes.text}>
        {spans.map((span, index) => (
          <SpanText key={index} span={span} />
        ))}
      </span>
    </div>
  );
});

/** A line that is on its way. */
export function MissingLineRow() {
  return (
    <div className={classes.line}>
      <span className={classes.number} />
      <span className={classes.coming} aria-hidden />
    </div>
  );
}

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
