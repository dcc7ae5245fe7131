// A build's state as it is shown: one that took too long is told apart from one whose command failed.
import type { Build } from '@/api/builds';

export type BuildState =
  | 'queued'
  | 'running'
  | 'succeeded'
  | 'failed'
  | 'canceled'
  | 'superseded'
  | 'skipped'
  | 'timed_out';

/** The states that the list can be filtered by, as the API knows them. */
export const filterStates = ['queued', 'running', 'succeeded', 'failed', 'canceled', 'superseded', 'skipped'] as const;

export function buildState(build: Pick<Build, 'state' | 'failure'>): BuildState {
  if (build.state === 'failed' && build.failure?.reason === 'timed_out') return 'timed_out';
  return build.state as BuildState;
}

export const isOver = (build: Pick<Build, 'state'>) => build.state !== 'queued' && build.state !== 'running';

/** `refs/heads/feature/a` is the branch `feature/a`. */
export function readRef(ref: string | null | undefined): { kind: 'branch' | 'tag'; name: string } | undefined {
  if (ref?.startsWith('refs/heads/')) return { kind: 'branch', name: ref.slice('refs/heads/'.length) };
  if (ref?.startsWith('refs/tags/')) return { kind: 'tag', name: ref.slice('refs/tags/'.length) };
  return undefined;
}
