// What a build wrote: its sections, lines by their numbers, and where a word stands in it. What comes while it runs is told by
// the stream, on the topic of the log.
import { queryOptions } from '@tanstack/react-query';
import type { components } from './api.gen';
import { api, take } from './client';

export type LogIndex = components['schemas']['LogIndex'];
export type LogSection = components['schemas']['LogSection'];
export type LogLine = components['schemas']['LogLine'];
export type LogHit = components['schemas']['LogHit'];

export const logKeys = {
  index: (image: string, number: number) => ['build-log', image, number, 'index'] as const,
  line: (image: string, number: number, line: number) => ['build-log', image, number, 'line', line] as const,
  search: (image: string, number: number) => ['build-log', image, number, 'search'] as const,
};

export const logTopic = (image: string, number: number) => `log:${image}:${number}`;

/** The raw text, escape sequences and all: what a download is. */
export const logDownload = (image: string, number: number) =>
  `/api/v1/repositories/${encodeURIComponent(image)}/builds/${number}/log?download=true`;

/** What there is when the log is opened; the stream tells what changes. */
export const logIndexQuery = (name: string, number: number) =>
  queryOptions({
    queryKey: logKeys.index(name, number),
    queryFn: ({ signal }) =>
      take(api.GET('/api/v1/repositories/{name}/builds/{number}/log/steps', { params: { path: { name, number } }, signal })),
    // Of a build that runs it is old when it is left.
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
  });

export interface LineQuery {
  /** Counted within this section; without one within the log. */
  section?: number;
  from: number;
  to: number;
}

export async function readLogLines(name: string, number: number, query: LineQuery, signal?: AbortSignal): Promise<LogLine[]> {
  const { lines } = await take(
    api.GET('/api/v1/repositories/{name}/builds/{number}/log/lines', { params: { path: { name, number }, query }, signal }),
  );
  return lines;
}

/** A line by its number in the log; null where the log is shorter. */
export const logLineQuery = (name: string, number: number, line: number) =>
  queryOptions({
    queryKey: logKeys.line(name, number, line),
    queryFn: async ({ signal }) => (await readLogLines(name, number, { from: line, to: line }, signal))[0] ?? null,
    enabled: line > 0,
  });

/** Hits of one answer: the most that the server sends. */
const HITS = 1000;

/** A page of the lines that have `q`, with the count of all of them. */
export const searchLog = (name: string, number: number, q: string, after: string | undefined, signal?: AbortSignal) =>
  take(
    api.GET('/api/v1/repositories/{name}/builds/{number}/log/search', {
      params: { path: { name, number }, query: { q, limit: HITS, after } },
      signal,
    }),
  );

export const logSearchQuery = (name: string, number: number, q: string) =>
  queryOptions({
    queryKey: [...logKeys.search(name, number), q],
    queryFn: ({ signal }) => searchLog(name, number, q, undefined, signal),
    enabled: q !== '',
  });
