import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { followLog, type LogEvent, readLog } from '@/api/buildLog';
import { type BuildDetail, buildKeys } from '@/api/builds';
import { isOver } from '../buildState';
import { LogRecord } from './logRecord';

export interface OpenLog {
  record: LogRecord;
  /** Counts what was taken, once per frame: what it is shown by. */
  revision: number;
  /** All that was written when it was opened is here. */
  whole: boolean;
  connected: boolean;
  problem?: unknown;
}

/** The log of a build, read from its beginning and followed while it runs. */
export function useLog(image: string, build: BuildDetail): OpenLog {
  const queries = useQueryClient();
  const [state, setState] = useState<OpenLog>(() => ({ record: new LogRecord(), revision: 0, whole: false, connected: true }));
  const { number } = build;
  const readable = build.log === 'open' || build.log === 'kept';

  useEffect(() => {
    if (!readable) return;
    const log = new LogRecord();
    const stop = new AbortController();
    let frame = 0;
    let waiting: LogEvent[] = [];
    let unfollow = () => {};
    const show = (change: Partial<OpenLog> = {}) =>
      setState((before) => ({ ...before, ...change, record: log, revision: before.revision + 1 }));
    const flush = () => {
      frame = 0;
      log.add(waiting);
      waiting = [];
      show();
    };
    const take = (events: LogEvent[]) => {
      waiting.push(...events);
      // A hidden page has no frames, and nobody looks.
      frame ||= requestAnimationFrame(flush);
    };
    const end = () => {
      cancelAnimationFrame(frame);
      flush();
    };
    const read = async () => {
      try {
        await readLog(image, number, take, stop.signal);
      } catch (problem) {
        if (!stop.signal.aborted) show({ problem });
        return;
      }
      end();
      show({ whole: true });
      unfollow = followLog(image, number, log.last, {
        take: (event) => take([event]),
        onConnection: (connected) => show({ connected }),
        onEnd: (ended) => {
          end();
          log.close(ended === 'failed' ? 'failed' : ended === 'succeeded' ? 'succeeded' : 'canceled');
          show();
          void queries.invalidateQueries({ queryKey: buildKeys.all(image) });
        },
      });
    };
    void read();
    return () => {
      stop.abort();
      cancelAnimationFrame(frame);
      unfollow();
    };
  }, [image, number, readable, queries]);

  return state;
}

/** Whether more can come. */
export const isLive = (build: BuildDetail) => !isOver(build);
