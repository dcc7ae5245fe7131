import {
  IconAlertOctagonFilled,
  IconAlertTriangleFilled,
  IconArrowBackUp,
  IconBan,
  IconCircleCheckFilled,
  IconClock,
  IconHourglassOff,
  IconLoader2,
  IconMailOff,
  IconPlayerPause,
  IconPlayerSkipForward,
  IconRefresh,
  IconReplace,
  type TablerIcon,
} from '@tabler/icons-react';
import { useWords, type WordKey } from '@/app/words';
import classes from './StateBadge.module.css';

type Tone = 'idle' | 'running' | 'success' | 'failed' | 'warning';

const states = {
  queued: [IconClock, 'idle', 'console.core.state.queued'],
  running: [IconLoader2, 'running', 'console.core.state.running'],
  succeeded: [IconCircleCheckFilled, 'success', 'console.core.state.succeeded'],
  failed: [IconAlertOctagonFilled, 'failed', 'console.core.state.failed'],
  canceled: [IconBan, 'idle', 'console.core.state.canceled'],
  superseded: [IconReplace, 'idle', 'console.core.state.superseded'],
  skipped: [IconPlayerSkipForward, 'idle', 'console.core.state.skipped'],
  timed_out: [IconHourglassOff, 'failed', 'console.core.state.timed_out'],
  rolling_out: [IconLoader2, 'running', 'console.core.state.rolling_out'],
  rolled_out: [IconCircleCheckFilled, 'success', 'console.core.state.rolled_out'],
  rolled_back: [IconArrowBackUp, 'warning', 'console.core.state.rolled_back'],
  retrying: [IconRefresh, 'running', 'console.core.state.retrying'],
  gave_up: [IconMailOff, 'failed', 'console.core.state.gave_up'],
  disabled: [IconPlayerPause, 'idle', 'console.core.state.disabled'],
  attention: [IconAlertTriangleFilled, 'warning', 'console.core.state.attention'],
  sending: [IconLoader2, 'running', 'console.core.state.sending'],
  delivered: [IconCircleCheckFilled, 'success', 'console.core.state.delivered'],
  unchanged: [IconCircleCheckFilled, 'idle', 'console.core.state.unchanged'],
  delivery_failed: [IconAlertOctagonFilled, 'failed', 'console.core.state.delivery_failed'],
  rollout_failed: [IconAlertOctagonFilled, 'failed', 'console.core.state.rollout_failed'],
  in_sync: [IconCircleCheckFilled, 'success', 'console.core.state.in_sync'],
  other_version: [IconReplace, 'warning', 'console.core.state.other_version'],
  reachable: [IconCircleCheckFilled, 'success', 'console.core.state.reachable'],
  unreachable: [IconAlertOctagonFilled, 'failed', 'console.core.state.unreachable'],
  unchecked: [IconClock, 'idle', 'console.core.state.unchecked'],
  enabled: [IconCircleCheckFilled, 'success', 'console.core.state.enabled'],
  expired: [IconHourglassOff, 'failed', 'console.core.state.expired'],
  accepted: [IconCircleCheckFilled, 'success', 'console.core.state.accepted'],
  refused: [IconAlertOctagonFilled, 'failed', 'console.core.state.refused'],
  untested: [IconClock, 'idle', 'console.core.state.untested'],
} satisfies Record<string, [TablerIcon, Tone, WordKey]>;

export type ShownState = keyof typeof states;

/** A state: an icon, a word and a colour, so that none of them has to be told apart alone. */
export function StateBadge({ state }: { state: ShownState }) {
  const say = useWords();
  const [Icon, tone, word] = states[state];
  const spinning = Icon === IconLoader2 ? classes.spinning : undefined;
  return (
    <span className={classes.root} data-tone={tone}>
      <Icon size={16} className={spinning} aria-hidden />
      {say(word)}
    </span>
  );
}

/** The build state of the API as one that is shown; `undefined` for one that this console does not know yet. */
export const showState = (state: string | null | undefined): ShownState | undefined =>
  state && state in states ? (state as ShownState) : undefined;
