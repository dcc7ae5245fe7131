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

const states: Record<Section['state'], WordKey> = {
  running: 'console.builds.step.running',
  succeeded: 'console.builds.step.succeeded',
  failed: 'console.builds.step.failed',
  canceled: 'console.builds.step.canceled',
  said: 'console.builds.step.said',
};

/** What the server does between steps; it has no name in a Dockerfile. */
const phases: Record<string, WordKey | undefined> = {
  '': 'console.builds.phase.start',
  queued: 'console.builds.phase.queued',
  starting: 'console.builds.phase.starting',
  cloning: 'console.builds.phase.cloning',
  building: 'console.builds.phase.building',
  exporting: 'console.builds.phase.exporting',
  pushing: 'console.builds.phase.pushing',
};

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
  const phase = phases[section.title];
  const title = phase ? say(phase) : section.title;
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
      <Icon size={16} className={section.state === 'running' ? classes.spinning : classes.icon} aria-label={say(states[section.state])} role="img" />
      <span className={classes.title}>{title}</span>
      {section.cached && <span className={classes.note}>{say('console.builds.cached')}</span>}
      {section.duration !== undefined && <span className={classes.note}>{formatDuration(section.duration, language)}</span>}
    </button>
  );
}
