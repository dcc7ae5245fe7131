import { IconAlertOctagonFilled, IconBan, IconChevronDown, IconChevronRight, IconCircleCheckFilled, IconInfoCircle, IconLoader2 } from '@tabler/icons-react';
import type { LogSection } from '@/api/buildLog';
import { useLanguage, useWords, type WordKey } from '@/app/words';
import { formatDuration } from '@/ui/format/duration';
import { useNow } from '@/ui/now';
import { readStepName } from '../stepName';
import classes from './LogView.module.css';

const icons = {
  running: IconLoader2,
  succeeded: IconCircleCheckFilled,
  failed: IconAlertOctagonFilled,
  stopped: IconBan,
};

const states: Record<LogSection['state'], WordKey> = {
  running: 'console.builds.step.running',
  succeeded: 'console.builds.step.succeeded',
  failed: 'console.builds.step.failed',
  stopped: 'console.builds.step.canceled',
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
  section: LogSection;
  open: boolean;
  onToggle: (section: LogSection) => void;
  /** A second one of the same step, drawn over the log while its own is above. */
  sticky?: boolean;
}

/** A step: folds its lines. */
export function LogHeadRow({ section, open, onToggle, sticky }: LogHeadRowProps) {
  const say = useWords();
  // What a phase went through to be over is told by nothing but its words.
  const told = section.step === null && section.state === 'succeeded';
  const Icon = told ? IconInfoCircle : icons[section.state];
  const Chevron = open ? IconChevronDown : IconChevronRight;
  const empty = section.lines === 0;
  const phase = section.step === null ? phases[section.title] : undefined;
  const { step, stage, name } = readStepName(section.title);
  return (
    <button
      type="button"
      className={classes.head}
      data-state={told ? 'told' : section.state}
      aria-expanded={empty ? undefined : open}
      tabIndex={sticky ? -1 : undefined}
      aria-hidden={sticky || undefined}
      onClick={() => !empty && onToggle(section)}
    >
      <Chevron size={14} className={empty ? classes.nothing : undefined} aria-hidden />
      <Icon size={16} className={section.state === 'running' ? classes.spinning : classes.icon} aria-label={say(told ? 'console.builds.step.said' : states[section.state])} role="img" />
      <span className={classes.title}>
        {step && <span className={classes.step}>{stage ? `${stage} ${step} ` : `${step} `}</span>}
        {phase ? say(phase) : name}
      </span>
      {section.attempt > 1 && <span className={classes.note}>{say('console.builds.attempt', { number: section.attempt })}</span>}
      {section.cached && <span className={classes.note}>{say('console.builds.cached')}</span>}
      <SectionDuration section={section} />
    </button>
  );
}

function SectionDuration({ section }: { section: LogSection }) {
  const language = useLanguage();
  const now = useNow();
  if (section.duration_ms !== undefined && section.duration_ms !== null) {
    return <span className={classes.note}>{formatDuration(section.duration_ms, language)}</span>;
  }
  if (section.state !== 'running') return null;
  return <span className={classes.note}>{formatDuration(Math.max(0, now - new Date(section.started_at).getTime()), language)}</span>;
}
