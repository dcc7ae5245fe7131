import { Button } from '@mantine/core';
import { IconArrowDown } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { type KeyboardEvent, useRef, useState } from 'react';
import { type LogIndex, logLineQuery, type LogSection } from '@/api/buildLog';
import type { BuildDetail } from '@/api/builds';
import { useKey } from '@/app/keys';
import { useWords } from '@/app/words';
import { ErrorState } from '@/ui/ErrorState';
import { formatCount } from '@/ui/format/count';
import { BuildFailure } from '../BuildFailure';
import { followAfter, type FollowEvent, followsAtFirst } from './follow';
import { stretch } from './lineLink';
import { LogRows, type LogRowsHandle, type Target } from './LogRows';
import { LogToolbar } from './LogToolbar';
import classes from './LogView.module.css';
import { findCurrent, findFailure, type LineRange, listShown, type Place, RowMap } from './sections';
import type { OpenLog } from './useLog';
import { useLogSearch } from './useLogSearch';

interface LogViewProps {
  image: string;
  build: BuildDetail;
  log: OpenLog;
  index: LogIndex;
  /** The lines that the address names. */
  linked: LineRange | undefined;
  onLink: (lines: LineRange) => void;
  /** The section that the address names. */
  step: number | undefined;
  onStep: (step: number | undefined) => void;
  /** What is searched for, as the address has it. */
  wanted: string;
  onSearch: (wanted: string) => void;
}

/** A log as a terminal shows it: folded by step, followed, searched, linked. Never a live region: it would never be silent. */
export function LogView({ image, build, log, index, linked, onLink, step, onStep, wanted, onSearch }: LogViewProps) {
  const say = useWords();
  const rows = useRef<LogRowsHandle>(null);
  const search = useRef<HTMLInputElement>(null);
  const [wasLive] = useState(log.live);
  const [chosen, setChosen] = useState<ReadonlyMap<number, boolean>>(() => new Map(step === undefined ? [] : [[step, true]]));
  const [following, setFollowing] = useState(followsAtFirst(log.live, linked !== undefined));
  const [seen, setSeen] = useState(0);
  const [wrap, setWrap] = useState(false);
  const [times, setTimes] = useState(false);

  const sections = listShown(index);
  const failure = findFailure(index);
  // Where the reader is put first: at the lines of the address (as soon as it is known where they are), at its step, or at the error.
  const [target, setTarget] = useState<Target | undefined>(() => {
    if (linked || wanted !== '') return undefined;
    if (step !== undefined) return { place: { section: step, position: 0 }, align: 'start' };
    return failure && { place: failure, align: 'end' };
  });
  // The step that runs is open. Whoever reads an earlier one keeps it: nothing folds under the pointer.
  const current = wasLive ? findCurrent(sections)?.number : undefined;
  const [passed, setPassed] = useState<ReadonlySet<number>>(new Set());
  if (current !== undefined && !passed.has(current)) setPassed(new Set(following ? [current] : [...passed, current]));
  const isOpen = (section: LogSection) =>
    chosen.get(section.number) ?? (passed.has(section.number) || (section.state === 'failed' && section.number === failure?.section));
  const map = new RowMap(sections, isOpen);

  const hear = (event: FollowEvent) => {
    const next = followAfter(following, event);
    if (next === following) return;
    setFollowing(next);
    setSeen(index.lines);
  };
  const open = (section: number, opened: boolean) => setChosen((before) => new Map(before).set(section, opened));
  const toggle = (section: LogSection) => {
    const opened = !isOpen(section);
    open(section.number, opened);
    if (opened) onStep(section.number);
    else if (step === section.number) onStep(undefined);
  };
  /** Shows a line: opens its step, and goes there once the row is. */
  const goTo = (place: Place, align: Target['align'] = 'center') => {
    const section = sections.find(({ number }) => number === place.section);
    if (section && !isOpen(section)) open(section.number, true);
    setTarget({ place, align });
  };
  const goToError = () => {
    if (!failure) return;
    hear('link');
    goTo(failure, 'end');
  };

  const [from] = useState(linked?.from ?? 0);
  const [arrived, setArrived] = useState(from === 0);
  const found = useLogSearch(image, build.number, wanted, (hit) => {
    hear('search');
    // Where an address names both, its line is what somebody wanted to be seen.
    if (arrived || !linked) goTo(hit);
  });

  const line = useQuery(logLineQuery(image, build.number, from)).data;
  if (line !== undefined && !arrived) {
    setArrived(true);
    if (line) goTo(line);
  }

  useKey('[', 'console.builds.key_step_before', () => rows.current?.walk(false));
  useKey(']', 'console.builds.key_step_after', () => rows.current?.walk(true));
  useKey('e', 'console.builds.go_to_error', goToError);
  useKey('f', 'console.builds.follow', () => log.live && hear('button'));
  useKey('w', 'console.builds.wrap', () => setWrap(!wrap));
  const press = (event: KeyboardEvent) => {
    // Pressed again, it is the browser's.
    if (!(event.ctrlKey || event.metaKey) || event.key !== 'f' || document.activeElement === search.current) return;
    event.preventDefault();
    search.current?.focus();
  };

  const fresh = Math.max(0, index.lines - seen);
  return (
    <>
      <BuildFailure build={build}>
        {failure && (
          <Button variant="default" size="compact-sm" onClick={goToError}>
            {say('console.builds.go_to_error')}
          </Button>
        )}
      </BuildFailure>
      {/* Keys of whatever is focused in it come up to here. */}
      {/* oxlint-disable-next-line jsx-a11y/no-static-element-interactions */}
      <div className={classes.root} onKeyDown={press}>
        <LogToolbar
          ref={search}
          image={image}
          build={build}
          wanted={wanted}
          onSearch={onSearch}
          found={found}
          wrap={wrap}
          onWrap={() => setWrap(!wrap)}
          times={times}
          onTimes={() => setTimes(!times)}
          linked={linked}
          allOpen={sections.every((section) => section.lines === 0 || isOpen(section))}
          onAll={(opened) => setChosen(new Map(sections.map((section) => [section.number, opened])))}
        />
        {index.truncated && <p className={classes.aside}>{say('console.builds.log_cut', { lines: formatCount(index.lines) })}</p>}
        <LogRows
          ref={rows}
          log={log}
          map={map}
          isOpen={isOpen}
          onToggle={toggle}
          target={target}
          linked={linked}
          onNumber={(number, shift) => {
            hear('link');
            onLink(stretch(linked, number, shift));
          }}
          hit={found.hit?.number}
          wanted={wanted}
          times={times}
          wrap={wrap}
          following={following}
          onFollow={hear}
        />
        {log.live && (
          <button type="button" className={classes.follow} aria-pressed={following} onClick={() => hear('button')}>
            <IconArrowDown size={16} aria-hidden />
            {say('console.builds.follow')}
            {!following && fresh > 0 && ` · ${say('console.builds.new_lines', { count: fresh, lines: formatCount(fresh) })}`}
          </button>
        )}
        <LogStatus log={log} />
      </div>
    </>
  );
}

/** What keeps lines from being here. */
function LogStatus({ log }: { log: OpenLog }) {
  const say = useWords();
  if (log.problem !== undefined) {
    return (
      <div className={classes.problem}>
        <ErrorState problem={log.problem} retry={log.retry} />
      </div>
    );
  }
  if (!log.live) return null;
  if (!log.connected) return <p className={classes.status}>{say('console.builds.reconnecting')}</p>;
  if (log.missed > 0) return <p className={classes.status}>{say('console.builds.missed_lines', { count: log.missed, lines: formatCount(log.missed) })}</p>;
  return null;
}
