import { useState } from 'react';
import { useLanguage } from '@/app/words';
import { formatInstant, formatRelative, formatZone } from './format/time';
import { useNow } from './now';

interface TimeProps {
  /** RFC 3339, as the API has it. */
  at: string | null | undefined;
  /** `list`: relative for a week, then a date. `record`: whole. */
  mode?: 'list' | 'record';
}

/** A point in time; the other form and the zone on hover or tap. An empty one is a dash. */
export function Time({ at, mode = 'list' }: TimeProps) {
  const language = useLanguage();
  const now = useNow();
  const [turned, setTurned] = useState(false);
  if (!at) return <span className="muted">–</span>;
  const date = new Date(at);
  const relative = formatRelative(date, new Date(now), language);
  const whole = formatInstant(date);
  const shown = (mode === 'list') !== turned ? relative : whole;
  const other = shown === whole ? relative : whole;
  return (
    <time dateTime={at} title={`${other} ${formatZone(date)}`} onPointerUp={(event) => event.pointerType === 'touch' && setTurned(!turned)}>
      {shown}
    </time>
  );
}
