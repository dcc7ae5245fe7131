import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type Ref, type UIEvent, useEffect, useImperativeHandle, useLayoutEffect, useRef } from 'react';
import type { LogSection } from '@/api/buildLog';
import { useWords } from '@/app/words';
import { type FollowEvent, isAtEnd } from './follow';
import { LogHeadRow } from './LogHeadRow';
import { LogLineRow, MissingLineRow, readSaid } from './LogLineRow';
import classes from './LogView.module.css';
import type { LineRange, Place, RowMap } from './sections';
import type { OpenLog } from './useLog';

/** Heights (px) as the style sheet has them; lines are measured where they wrap. */
const LINE = 20;
const HEAD = 32;

/** Rows drawn beyond the edges: fewer show gaps while scrolling fast. */
const BEYOND = 30;

/** A place to be shown; another object is another wish, for the same place too. */
export interface Target {
  place: Place;
  align: 'center' | 'start' | 'end';
}

export interface LogRowsHandle {
  /** To the head after the one on top, or before it. */
  walk: (forwards: boolean) => void;
}

interface LogRowsProps {
  ref: Ref<LogRowsHandle>;
  log: OpenLog;
  map: RowMap;
  isOpen: (section: LogSection) => boolean;
  onToggle: (section: LogSection) => void;
  target: Target | undefined;
  linked: LineRange | undefined;
  onNumber: (line: number, stretch: boolean) => void;
  /** The match that is shown, by its number. */
  hit: number | undefined;
  wanted: string;
  times: boolean;
  wrap: boolean;
  following: boolean;
  onFollow: (event: FollowEvent) => void;
}

/** The part that scrolls: rows near the window are drawn and their lines asked for, and what the reader does is told. */
export function LogRows(props: LogRowsProps) {
  const { ref, log, map, isOpen, onToggle, target, linked, onNumber, hit, wanted, times, wrap, following, onFollow } = props;
  const say = useWords();
  const box = useRef<HTMLDivElement>(null);
  // A scroll of our own says nothing about the reader, until the reader touches something.
  const jumping = useRef(false);

  const virtual = useVirtualizer({
    count: map.rows,
    getScrollElement: () => box.current,
    estimateSize: (index) => (map.rowAt(index)?.position === 0 ? HEAD : LINE),
    getItemKey: (index) => {
      const row = map.rowAt(index);
      return row ? `${row.section.number}.${row.position}` : index;
    },
    overscan: BEYOND,
  });
  const items = virtual.getVirtualItems();
  const { want } = log;

  useEffect(() => {
    const places = items.flatMap(({ index }) => {
      const row = map.rowAt(index);
      return row && row.position > 0 ? [{ section: row.section.number, position: row.position }] : [];
    });
    want(places);
  });

  // Heights are others now, or are known again.
  useLayoutEffect(() => virtual.measure(), [virtual, wrap]);

  useLayoutEffect(() => {
    if (!target) return;
    const row = map.rowOf(target.place);
    if (row === undefined) return;
    jumping.current = true;
    virtual.scrollToIndex(row, { align: target.align });
    // Only where there is another wish: what grows meanwhile moves nobody.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [target]);

  useEffect(() => {
    if (!following || map.rows === 0) return;
    virtual.scrollToIndex(map.rows - 1, { align: 'end' });
  }, [virtual, following, map.rows]);

  useImperativeHandle(ref, () => ({
    walk: (forwards) => {
      const head = map.nextHead(virtual.range?.startIndex ?? 0, forwards);
      if (head === undefined) return;
      onFollow('link');
      jumping.current = true;
      virtual.scrollToIndex(head, { align: 'start' });
    },
  }));

  const press = (event: KeyboardEvent) => {
    jumping.current = false;
    const heard: Record<string, FollowEvent> = { PageUp: 'page_up', ArrowUp: 'page_up', Home: 'home' };
    const told = heard[event.key];
    if (told) onFollow(told);
    else if (event.key === 'End' && log.live) onFollow('end_key');
  };
  const scroll = (event: UIEvent<HTMLDivElement>) => {
    if (!following && log.live && !jumping.current && isAtEnd(event.currentTarget)) onFollow('reached_end');
  };

  const top = map.rowAt(virtual.range?.startIndex ?? 0);
  return (
    // Its listeners only hear where the reader goes; everything has a key or a button too.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <div
      ref={box}
      role="region"
      aria-label={say('console.builds.log')}
      tabIndex={0}
      className={classes.box}
      data-wrap={wrap || undefined}
      onScroll={scroll}
      onKeyDown={press}
      onWheel={(event) => {
        jumping.current = false;
        if (event.deltaY < 0) onFollow('wheel_up');
      }}
      onTouchMove={() => {
        jumping.current = false;
        onFollow('touch');
      }}
      onPointerDown={(event) => {
        jumping.current = false;
        // Beyond what is inside, there is only the scrollbar.
        if (event.target === box.current && event.nativeEvent.offsetX >= event.currentTarget.clientWidth) onFollow('scrollbar');
      }}
      onMouseUp={() => document.getSelection()?.isCollapsed === false && onFollow('selection')}
    >
      {top && top.position > 0 && (
        <div className={classes.sticky}>
          <LogHeadRow section={top.section} open onToggle={onToggle} sticky />
        </div>
      )}
      <div className={classes.rows} style={{ height: virtual.getTotalSize() }}>
        {items.map((item) => {
          const row = map.rowAt(item.index);
          if (!row) return null;
          const line = row.position > 0 ? log.lines.find(row.section.number, row.position) : undefined;
          return (
            <div
              key={item.key}
              ref={wrap ? virtual.measureElement : undefined}
              data-index={item.index}
              className={classes.row}
              style={{ transform: `translateY(${item.start}px)` }}
            >
              {row.position === 0 && <LogHeadRow section={row.section} open={isOpen(row.section)} onToggle={onToggle} />}
              {row.position > 0 && !line && <MissingLineRow />}
              {line && (
                <LogLineRow
                  line={line}
                  said={readSaid(row.section, line)}
                  linked={linked !== undefined && line.number >= linked.from && line.number <= linked.to}
                  current={line.number === hit}
                  wanted={wanted}
                  times={times}
                  onNumber={onNumber}
                />
              )}
            </div>
          );
        })}
      </div>
    </div>
  );
}
