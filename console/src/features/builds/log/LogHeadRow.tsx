import { IconAlertOctagonFilled, IconBan, IconChevronDown, IconChevronRight, IconCircleCheckFilled, IconInfoCircle, IconLoader2 } from '@tabler/icons-react';
import { useLanguage, useWords, type WordKey } from '@/app/words';
import { formatDuration } from '@/ui/format/duration';
import classes from './LogView.module.css';
import type { Section } from './sections';

const icons = {
  running: IconLoader2,
  succeeded: IconCircleCheckFilled,
  failed: IconAlertOctagonFilled,
  canceled: IconBan,
  said: IconInfoCircle,
};

const phases = new Set(['start', 'queued', 'starting', 'cloning', 'building', 'exporting', 'pushing']);

interface LogHeadRowProps {
  section: Section;
  open: boolean;
  onToggle: (id: string) => void;
  /** A second one of the same step, drawn over the log while its own is above. */
  sticky?: boolean;
}

/** A step: folds its lines. */
export function LogHeadRow({ section, open, onToggle, sticky }: LogHeadRowProps) {
  const say = useWords();
  const language = useLanguage();
  const Icon = icons[section.state];
  const Chevron = open ? IconChevronDown : IconChevronRight;
  const empty = section.ranges.length === 0;
  const title = phases.has(section.title || 'start') ? say(`console.builds.phase.${section.title || 'start'}` as WordKey) : section.title;
  return (
    <button
      type="button"
      className={classes.head}
      data-state={section.state}
      aria-expanded={empty ? undefined : open}
      tabIndex={sticky ? -1 : undefined}
      aria-hidden={sticky || undefined}
      onClick={() => !empty && onToggle(section.id)}
    >
      <Chevron size={14} className={empty ? classes.nothing : undefined} aria-hidden />
      <Icon size={16} className={section.state === 'running' ? classes.spinning : classes.icon} aria-label={say(`console.builds.step.${section.state}`)} role="img" />
      <span className={classes.title}>{title}</span>
      {section.cached && <span className={classes.note}>{say('console.builds.cached')}</span>}
      {section.duration !== undefined && <span className={classes.note}>{formatDuration(section.duration, language)}</span>}
    </button>
  );
}
