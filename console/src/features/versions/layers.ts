// What a version consists of, step by step: pure, so that the picture, the table and its tests agree.
import type { VersionDetail } from '@/api/versions';

export interface Step {
  /** From 1; steps without a layer count too, as a Dockerfile's lines do. */
  number: number;
  /** The instruction as it is read in a Dockerfile. */
  instruction: string;
  /** As the builder wrote it. */
  raw: string;
  created?: string;
  size: number;
  digest?: string;
  /** Whether it made no layer. */
  empty: boolean;
}

/** What builders put before an instruction that they ran in a shell. */
const shell = /^(?:\|\d+ (?:\S+=(?:"[^"]*"|\S*) )*)?\/bin\/sh -c (#\(nop\)\s+)?/;

/** An instruction as a Dockerfile has it: without a shell that the builder added, and without its remarks. */
export function readInstruction(createdBy: string): string {
  const found = shell.exec(createdBy);
  const text = createdBy.slice(found?.[0].length ?? 0).replace(/\s*# buildkit\s*$/, '').trim();
  // Old builders wrote the instruction itself only where nothing ran.
  if (found && !found[1]) return `RUN ${text}`;
  return text.replace(/^RUN \/bin\/sh -c /, 'RUN ');
}

/** The steps of an image; layers that no history tells of stand for themselves. */
export function listSteps(version: Pick<VersionDetail, 'history' | 'layers'>): Step[] {
  if (version.history.length === 0) {
    return version.layers.map((layer, index) => ({
      number: index + 1,
      instruction: layer.media_type,
      raw: layer.media_type,
      size: layer.size_bytes,
      digest: layer.digest,
      empty: false,
    }));
  }
  return version.history.map((step, index) => ({
    number: index + 1,
    instruction: readInstruction(step.created_by) || (step.comment ?? ''),
    raw: step.created_by,
    created: step.created ?? undefined,
    size: step.size_bytes,
    digest: step.layer_digest ?? undefined,
    empty: step.empty_layer,
  }));
}

export interface Segment {
  step: Step;
  /** Of the whole, in percent. */
  share: number;
}

/** Narrower ones (percent) cannot be seen nor hit. */
const NARROWEST = 0.6;

/** The steps that are drawn in the bar; what is too small for the eye is left to the table. */
export function listSegments(steps: Step[]): Segment[] {
  const whole = steps.reduce((sum, step) => sum + step.size, 0);
  if (whole === 0) return [];
  return steps
    .map((step) => ({ step, share: (step.size / whole) * 100 }))
    .filter((segment) => segment.share >= NARROWEST);
}
