import { Button, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useWritePullSecret } from '@/api/clusters';
import type { WorkloadWarning as Warning } from '@/api/triggers';
import { useWords } from '@/app/words';
import { ErrorState } from '@/ui/ErrorState';
import { Notice } from '@/ui/Notice';
import classes from './triggers.module.css';

interface WorkloadWarningProps {
  warning: Warning;
  /** The workload, where several are spoken of. */
  target?: string;
  /** Where a pull secret would be written: whose robot pulls, and into which part of which cluster. */
  namespace: string;
  cluster: string | null | undefined;
  kube: string | null | undefined;
}

/** Why an action about a workload may come to nothing and what helps; a pull secret is written here where one is missing. */
export function WorkloadWarning({ warning, target, namespace, cluster, kube }: WorkloadWarningProps) {
  const say = useWords();
  const write = useWritePullSecret(namespace);
  // What was warned of is mended by now.
  if (write.data && kube) {
    return (
      <Notice tone="success" title={say('console.triggers.pull_secret_written', { name: write.data.name, kube, user: write.data.username })}>
        {target && <span className="muted">{target}</span>}
      </Notice>
    );
  }
  return (
    <Notice tone="warning" title={warning.message}>
      {target && <span className="muted">{target}</span>}
      {warning.detail && <code className={classes.said}>{warning.detail}</code>}
      {warning.request && cluster && kube ? <PullSecretForm namespace={namespace} cluster={cluster} kube={kube} write={write} /> : <span>{warning.hint}</span>}
    </Notice>
  );
}

interface PullSecretFormProps {
  namespace: string;
  cluster: string;
  kube: string;
  write: ReturnType<typeof useWritePullSecret>;
}

function PullSecretForm({ namespace, cluster, kube, write }: PullSecretFormProps) {
  const say = useWords();
  const [robot, setRobot] = useState(`${namespace}-pull`);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    // It may stand in a form of its own page.
    event.stopPropagation();
    write.mutate({ cluster, kube, robot });
  };
  return (
    <form onSubmit={submit} className={classes.pullSecret}>
      <TextInput
        label={say('console.triggers.pull_robot')}
        description={say('console.triggers.pull_robot_hint')}
        value={robot}
        onChange={(event) => setRobot(event.currentTarget.value)}
        autoComplete="off"
        spellCheck={false}
        required
        withAsterisk={false}
      />
      <Button type="submit" variant="default" loading={write.isPending}>
        {say('console.triggers.write_pull_secret')}
      </Button>
      {write.error && <ErrorState problem={write.error} />}
    </form>
  );
}
