import { Alert, Text } from '@mantine/core';
import { IconAlertOctagonFilled } from '@tabler/icons-react';
import type { BuildDetail } from '@/api/builds';
import { useWords } from '@/app/words';
import classes from './BuildFacts.module.css';

/** What failed, first: the step, its command and its exit code; what to do, where there is something. */
export function BuildFailure({ build }: { build: BuildDetail }) {
  const say = useWords();
  const { failure } = build;
  if (!failure) return null;
  const step = failure.step && readStep(failure.step);
  const title = !step
    ? failure.message
    : failure.exit_code === undefined || failure.exit_code === null
      ? say('console.builds.step_failed', step)
      : say('console.builds.step_failed_code', { ...step, code: failure.exit_code });
  return (
    <Alert role="alert" color="danger" variant="outline" icon={<IconAlertOctagonFilled size={18} />} title={title}>
      {failure.detail && (failure.detail.includes('\n') ? <pre className={classes.excerpt} tabIndex={0} role="group" aria-label="Dockerfile">{failure.detail.trimEnd()}</pre> : <Text>{failure.detail}</Text>)}
      {failure.hint && <Text>{failure.hint}</Text>}
    </Alert>
  );
}

/** `[builder 4/5] RUN npm ci` is step 4 and its command. */
function readStep(name: string): { step: string; name: string } {
  const found = /^\[(?:.* )?(\d+)\/\d+\] (.*)$/s.exec(name);
  return found ? { step: found[1] ?? '', name: found[2] ?? '' } : { step: '', name };
}
