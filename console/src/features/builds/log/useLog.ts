import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useEffectEvent, useRef, useState } from 'react';
import { type LogIndex, logIndexQuery, type LogLine, logKeys, logTopic, readLogLines } from '@/api/buildLog';
import { type BuildDetail, buildKeys } from '@/api/builds';
import { type LiveEvent, useStreamState, useTopic } from '@/app/events';
import { isOver } from '../buildState';
import { type Block, LogLines, rangeOf } from './logLines';
import { growIndex, type Place } from './sections';

/** While lines come, what is searched for is searched again once in this time (ms). */
const SEARCH_AGAIN = 1000;

export interface OpenLog {
  /** Missing until it is here. */
  index?: LogIndex;
  lines: LogLines;
  /** Whether more can come. */
  live: boolean;
  /** Lines that came while there was no connection and are not here yet. */
  missed: number;
  connected: boolean;
  /** Why there is no index, or why some lines are missing. */
  problem?: unknown;
  /** Asks for the lines at these places where they are not here. */
  want: (places: Place[]) => void;
  retry: () => void;
}

/** The log of a build: its sections at once, lines when they are looked at, and what comes while it runs. */
export function useLog(image: string, build: BuildDetail): OpenLog {
  const queries = useQueryClient();
  const { number } = build;
  const stream = useStreamState();
  const [lines] = useState(() => new LogLines());
  const first = useQuery(logIndexQuery(image, number));
  // What the stream told since.
  const [told, setTold] = useState<LogIndex>();
  const index = told ?? first.data;
  const [problem, setProblem] = useState<unknown>();
  const [missed, setMissed] = useState(0);
  const [, draw] = useState(0);
  const live = index !== undefined && !isOver(index as Pick<BuildDetail, 'state'>);

  // The last line that the stream told.
  const last = useRef(0);
  const opened = useRef<number>(undefined);
  const goal = useRef(0);
  const coming = useRef<LogLine[]>([]);
  const frame = useRef(0);
  const searching = useRef<ReturnType<typeof setTimeout>>(undefined);
  const asked = useRef(new Set<string>());

  const known = () => last.current || (first.data?.lines ?? 0);
  const flush = () => {
    frame.current = 0;
    const fresh = coming.current;
    coming.current = [];
    lines.add(fresh);
    setTold((before) => grow(before ?? first.data, fresh));
    setMissed(Math.max(0, goal.current - known()));
    searching.current ??= setTimeout(() => {
      searching.current = undefined;
      void queries.invalidateQueries({ queryKey: logKeys.search(image, number) });
    }, SEARCH_AGAIN);
  };
  const takeLines = (heard: LogLine[]) => {
    // After a connection was lost some may come twice.
    const fresh = heard.filter((line) => line.number > known());
    last.current = fresh.at(-1)?.number ?? last.current;
    coming.current.push(...fresh);
    // A hidden page has no frames, and nobody looks.
    frame.current ||= requestAnimationFrame(flush);
  };
  const takeIndex = (heard: LogIndex) => {
    // Told first after the stream was opened once more: now it is known how much was missed.
    if (opened.current !== undefined && opened.current !== stream.opened) {
      goal.current = heard.lines;
      setMissed(Math.max(0, heard.lines - known()));
    }
    opened.current = stream.opened;
    setTold(heard);
  };
  const hear = (event: LiveEvent) => {
    if (event.type === 'lines') takeLines(event.lines as LogLine[]);
    else if (event.type === 'sections') takeIndex(event.index as LogIndex);
    else if (event.type === 'log_end') {
      goal.current = 0;
      frame.current ||= requestAnimationFrame(flush);
      setTold((before) => before && { ...before, state: event.state as string });
      void queries.invalidateQueries({ queryKey: buildKeys.all(image) });
    }
  };
  useTopic(live ? logTopic(image, number) : undefined, hear, known);

  const stopAll = useEffectEvent(() => {
    cancelAnimationFrame(frame.current);
    frame.current = 0;
    clearTimeout(searching.current);
    searching.current = undefined;
  });
  useEffect(() => () => stopAll(), []);

  const fetchBlock = useCallback(
    async (block: Block) => {
      const key = `${block.section}.${block.block}`;
      if (asked.current.has(key)) return;
      asked.current.add(key);
      try {
        lines.add(await readLogLines(image, number, { section: block.section, ...rangeOf(block) }));
        setProblem(undefined);
        draw((times) => times + 1);
      } catch (error) {
        setProblem(error);
        // Not at once: what is drawn asks again when it is scrolled, or by the button.
        return;
      }
      asked.current.delete(key);
    },
    [image, number, lines],
  );
  const want = useCallback(
    (places: Place[]) => {
      for (const block of lines.listMissing(places)) void fetchBlock(block);
    },
    [lines, fetchBlock],
  );
  const retry = () => {
    asked.current.clear();
    setProblem(undefined);
    if (index === undefined) void first.refetch();
    else draw((times) => times + 1);
  };
  return { index, lines, live, missed, connected: stream.up, problem: first.error ?? problem, want, retry };
}

const grow = (index: LogIndex | undefined, fresh: LogLine[]) => index && growIndex(index, fresh);
