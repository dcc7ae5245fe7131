import { Alert, Group, Text } from '@mantine/core';
import { IconAlertOctagonFilled } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { BuildDetail } from '@/api/builds';
import { useWords } from '@/app/words';
import classes from './BuildFacts.module.css';
import { readStepName } from './stepName';

interface BuildFailureProps {
  build: BuildDetail;
  /** Ways to what it is about. */
  children?: ReactNode;
}

/** What failed, first: the step, its command and its exit code; what to do, where there is something. */
export function BuildFailure({ build, children }: BuildFailureProps) {
  const say = useWords();
  const { failure } = build;
  if (!failure) return null;
  const step = failure.step ? readStepName(failure.step) : undefined;
  const title = !step
    ? failure.message
    : failure.exit_code === undefined || failure.exit_code === null
      ? say('console.builds.step_failed', { step: step.step, name: step.name })
      : say('console.builds.step_failed_code', { step: step.step, name: step.name, code: failure.exit_code });
  return (
    <Alert role="alert" color="danger" variant="outline" icon={<IconAlertOctagonFilled size={18} />} title={children ? <Group justify="space-between">{title}{children}</Group> : title}>
      {failure.detail && (failure.detail.includes('\n') ? <pre className={classes.excerpt} tabIndex={0} role="group" aria-label="Dockerfile">{failure.detail.trimEnd()}</pre> : <Text>{failure.detail}</Text>)}
      {failure.hint && <Text>{failure.hint}</Text>}
    </Alert>
  );
}
