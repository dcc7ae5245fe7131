// What the stations of the way are called.
import type { WordKey } from '@/app/words';
import type { Stage } from './columns';

export const stageWords: Record<Stage, WordKey> = {
  commit: 'console.trace.commit',
  build: 'console.trace.build',
  digest: 'console.core.digest',
  versions: 'console.trace.versions',
  triggers: 'console.trace.triggers',
  rollout: 'console.trace.rollout',
};
