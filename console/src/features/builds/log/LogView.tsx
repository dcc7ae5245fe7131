import { IconArrowDown } from '@tabler/icons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type UIEvent, useEffect, useEffectEvent, useLayoutEffect, useMemo, useRef, useState } from 'react';
import type { BuildDetail } from '@/api/builds';
import { useWords } from '@/app/words';
import { formatCount } from '@/ui/format/count';
import { parseLine, plainText } from './ansi';
import { followAfter, type FollowEvent, followsAtFirst, isAtEnd } from './follow';
import { stretch } from './lineLink';
import { LogHeadRow } from './LogHeadRow';
import { LogLineRow } from './LogLineRow';
import { LogToolbar } from './LogToolbar';
import classes from './LogView.module.css';
import { isOpenAtFirst, type LineRange, RowMap, type Section, sectionOf } from './sections';
import { isLive, type OpenLog } from './useLog';

/** Heights (px) before anything was measured, as the style sheet has them. */
const LINE = 20;
const HEAD = 32;

/** Rows drawn beyond the edges: fewer show gaps while scrolling fast. */
const BEYOND = 30;

interface LogViewProps {
  image: string;
  build: BuildDetail;
  log: OpenLog;
  /** The lines that the address names. */
  linked: LineRange | undefined;
  onLink: (lines: LineRange) => void;
  /** What is searched for, as the address has it. */
  wanted: string;
  onSearch: (wanted: string) => void;
}

/** A log as a terminal shows it: folded by step, followed, searched, linked. Never a live region: it would never be silent. */
export function LogView({ image, build, log, linked, onLink, wanted, onSearch }: LogViewProps) {
  const say = useWords();
  const box = useRef<HTMLDivElement>(null);
  const search = useRef<HTMLInputElement>(null);
  const [live] = useState(isLive(build));
  const running = isLive(build);
  const { record, revision } = log;
  const [chosen, setChosen] = useState<ReadonlyMap<string, boolean>>(new Map());
  const [following, setFollowing] = useState(followsAtFirst(live, linked !== undefined));
  const [seen, setSeen] = useState(0);
  const [wrap, setWrap] = useState(false);
  const [times, setTimes] = useState(false);
  const [match, setMatch] = useState(0);
  // A scroll of our own says nothing about the reader, until the reader touches something.
  const jumping = useRef(false);
  const arrived = useRef(false);

  const sections = record.sections();
  const current = record.current()?.id ?? sections.at(-1)?.id;
  const isOpen = (section: Section) =>
    chosen.get(section.id) ??
    (live
      ? section.state === 'failed' || section.id === current
      : isOpenAtFirst(section, { over: true, succeeded: build.state === 'succeeded' }));
  const map = new RowMap(sections, isOpen);
  const matches = useMemo(
    () => (wanted === '' ? [] : record.search(wanted, (line) => plainText(parseLine(line.text)))),
    // The record is one object that grows; its revision says that it did.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
    [wanted, record, revision],
  );
  const matched = matches[Math.min(match, matches.length - 1)];

  const virtual = useVirtualizer({
    count: map.rows,
    getScrollElement: () => box.current,
    estimateSize: (index) => (map.rowAt(index)?.kind === 'head' ? HEAD : LINE),
    getItemKey: (index) => {
      const row = map.rowAt(index);
      return row?.kind === 'line' ? row.line : (row?.section.id ?? index);
    },
    overscan: BEYOND,
  });

  const hear = (event: FollowEvent) => {
    const next = followAfter(following, event);
    if (next === following) return;
    setFollowing(next);
    setSeen(record.total);
  };
  const open = (id: string, opened: boolean) => setChosen((before) => new Map(before).set(id, opened));
  const toggle = (id: string) => {
    const section = sections.find((each) => each.id === id);
    if (section) open(id, !isOpen(section));
  };
  /** Shows a line: opens its step, and goes there once the row is. */
  const [target, setTarget] = useState<{ line: number }>();
  const goTo = (line: number) => {
    const section = sectionOf(sections, line);
    if (!section) return;
    if (!isOpen(section)) open(section.id, true);
    setTarget({ line });
  };
  useLayoutEffect(() => {
    if (!target) return;
    const row = map.rowOf(target.line);
    if (row === undefined) return;
    jumping.current = true;
    virtual.scrollToIndex(row, { align: 'center' });
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [target]);

  const goToError = () => {
    const failed = sections.findLast((section) => section.state === 'failed');
    const last = failed?.ranges.at(-1)?.to;
    hear('link');
    if (last !== undefined) goTo(last);
  };

  // Where the reader is put first: at the lines of the address, else at the error.
  const arrive = useEffectEvent(() => {
    if (linked) goTo(linked.from);
    else if (build.state === 'failed') goToError();
  });
  useEffect(() => {
    if (!log.whole || arrived.current) return;
    arrived.current = true;
    arrive();
  }, [log.whole]);

  useEffect(() => {
    if (!following || map.rows === 0) return;
    virtual.scrollToIndex(map.rows - 1, { align: 'end' });
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [following, revision, map.rows]);

  const walk = (step: number) => {
    if (matches.length === 0) return;
    hear('search');
    const next = (match + step + matches.length) % matches.length;
    setMatch(next);
    goTo(matches[next] as number);
  };
  const searched = useEffectEvent(() => {
    setMatch(0);
    const first = matches[0];
    if (first === undefined) return;
    hear('search');
    goTo(first);
  });
  useEffect(() => {
    if (wanted !== '' && log.whole) searched();
  }, [wanted, log.whole]);

  const press = (event: KeyboardEvent) => {
    jumping.current = false;
    if ((event.ctrlKey || event.metaKey) && event.key === 'f') {
      // Pressed again, it is the browser's.
      if (document.activeElement === search.current) return;
      event.preventDefault();
      search.current?.focus();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.target instanceof HTMLInputElement) return;
    const at = virtual.range?.startIndex ?? 0;
    const go = (row: number | undefined) => {
      if (row === undefined) return;
      hear('link');
      virtual.scrollToIndex(row, { align: 'start' });
    };
    const keys: Record<string, () => void> = {
      PageUp: () => hear('page_up'),
      ArrowUp: () => hear('page_up'),
      Home: () => hear('home'),
      End: () => running && hear('end_key'),
      '[': () => go(map.nextHead(at, false)),
      ']': () => go(map.nextHead(at, true)),
      e: goToError,
      f: () => running && hear('button'),
      w: () => setWrap(!wrap),
    };
    keys[event.key]?.();
  };
  const scroll = (event: UIEvent<HTMLDivElement>) => {
    if (!following && running && !jumping.current && isAtEnd(event.currentTarget)) hear('reached_end');
  };
  const touched = (event: FollowEvent) => {
    jumping.current = false;
    hear(event);
  };

  const items = virtual.getVirtualItems();
  const top = map.rowAt(virtual.range?.startIndex ?? 0);
  const fresh = Math.max(0, record.total - seen);
  return (
    // Keys of whatever is focused in it come up to here.
    // oxlint-disable-next-line jsx-a11y/no-static-element-interactions
    <div className={classes.root} onKeyDown={press}>
      <LogToolbar
        ref={search}
        image={image}
        build={build}
        wanted={wanted}
        onSearch={onSearch}
        at={matches.length === 0 ? 0 : Math.min(match, matches.length - 1) + 1}
        found={matches.length}
        onWalk={walk}
        wrap={wrap}
        onWrap={() => setWrap(!wrap)}
        times={times}
        onTimes={() => setTimes(!times)}
        linked={linked}
        onError={sections.some((section) => section.state === 'failed') ? goToError : undefined}
        allOpen={sections.every(isOpen)}
        onAll={(opened) => setChosen(new Map(sections.map((section) => [section.id, opened])))}
      />
      {/* Its listeners only hear where the reader goes; everything has a key or a button too. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions */}
      <div
        ref={box}
        role="region"
        aria-label={say('console.builds.log')}
        tabIndex={0}
        className={classes.box}
        data-wrap={wrap || undefined}
        onScroll={scroll}
        onWheel={(event) => {
          jumping.current = false;
          if (event.deltaY < 0) hear('wheel_up');
        }}
        onTouchMove={() => touched('touch')}
        onPointerDown={(event) => {
          jumping.current = false;
          // Beyond what is inside, there is only the scrollbar.
          if (event.target === box.current && event.nativeEvent.offsetX >= event.currentTarget.clientWidth) hear('scrollbar');
        }}
        onMouseUp={() => document.getSelection()?.isCollapsed === false && hear('selection')}
      >
        {top?.kind === 'line' && (
          <div className={classes.sticky}>
            <LogHeadRow section={top.section} open onToggle={toggle} sticky />
          </div>
        )}
        <div className={classes.rows} style={{ height: virtual.getTotalSize() }}>
          {items.map((item) => {
            const row = map.rowAt(item.index);
            const line = row?.kind === 'line' ? record.line(row.line) : undefined;
            return (
              <div key={item.key} ref={virtual.measureElement} data-index={item.index} className={classes.row} style={{ transform: `translateY(${item.start}px)` }}>
                {row?.kind === 'head' && <LogHeadRow section={row.section} open={isOpen(row.section)} onToggle={toggle} />}
                {line && (
                  <LogLineRow
                    line={line}
                    text={line.text}
                    linked={linked !== undefined && line.number >= linked.from && line.number <= linked.to}
                    current={line.number === matched}
                    wanted={wanted}
                    times={times}
                    onNumber={(number, shift) => {
                      hear('link');
                      onLink(stretch(linked, number, shift));
                    }}
                  />
                )}
              </div>
            );
          })}
        </div>
      </div>
      {running && (
        <button type="button" className={classes.follow} aria-pressed={following} onClick={() => hear('button')}>
          <IconArrowDown size={16} aria-hidden />
          {say('console.builds.follow')}
          {!following && fresh > 0 && ` · ${say('console.builds.new_lines', { count: fresh, lines: formatCount(fresh) })}`}
        </button>
      )}
      {!log.connected && running && <p className={classes.status}>{say('console.builds.reconnecting')}</p>}
    </div>
  );
}
