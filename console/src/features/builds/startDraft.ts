// What is filled in to start a build, by whichever way: what was typed for one is there for the others. Pure.
import type { ArgumentRow } from '@/features/rules/ArgumentRows';

export interface StartDraft {
  rule: string | null;
  kind: 'branches' | 'tags';
  /** Of the branch or tag. */
  name: string;
  commit: string;
  version: string;
  dockerfile: string;
  archive: File | null;
  args: ArgumentRow[];
  noCache: boolean;
}

export const newDraft = (rule: string | undefined): StartDraft => ({
  rule: rule ?? null,
  kind: 'branches',
  name: '',
  commit: '',
  version: '',
  dockerfile: '',
  archive: null,
  args: [],
  noCache: false,
});

/** Whether something would be lost with it. */
export const isTyped = ({ name, commit, version, dockerfile, archive, args }: StartDraft) =>
  [name, commit, version, dockerfile].some((text) => text.trim() !== '') || archive !== null || args.length > 0;

/** What the forms of the drawer have in common. */
export interface DraftProps {
  draft: StartDraft;
  change: (part: Partial<StartDraft>) => void;
}
