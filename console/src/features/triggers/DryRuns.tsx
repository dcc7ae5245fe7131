import { Button, Stack } from '@mantine/core';
import { type Trigger, type TriggerAction, useDryRun } from '@/api/triggers';
import { useWords } from '@/app/words';
import { ErrorState } from '@/ui/ErrorState';
import classes from './triggers.module.css';
import { WorkloadWarning } from './WorkloadWarning';

interface DryRunsProps {
  repository: string;
  trigger: Trigger;
  tag: string;
}

/** For each workload of a trigger: what its cluster says would change. Nothing is changed. */
export function DryRuns({ repository, trigger, tag }: DryRunsProps) {
  const workloads = trigger.actions.filter((action) => action.kind === 'workload');
  return workloads.map((action) => <DryRun key={`${action.id} ${tag}`} repository={repository} namespace={trigger.namespace} trigger={trigger.name} action={action} tag={tag} />);
}

interface DryRunProps {
  repository: string;
  namespace: string;
  trigger: string;
  action: TriggerAction;
  tag: string;
}

function DryRun({ repository, namespace, trigger, action, tag }: DryRunProps) {
  const say = useWords();
  const { label } = action;
  const ask = useDryRun(repository);
  const found = ask.data;
  return (
    <Stack gap="sm" align="flex-start">
      <Button variant="default" loading={ask.isPending} onClick={() => ask.mutate({ trigger, action: action.id, tag })}>
        {say('console.triggers.dry_run_of', { target: label })}
      </Button>
      {found && (
        <dl className={classes.dryRun} aria-label={say('console.triggers.dry_run_of', { target: label })}>
          <dt>{say('console.triggers.runs_now')}</dt>
          <dd>
            <code>{found.before}</code>
          </dd>
          <dt>{say(found.changes ? 'console.triggers.would_run' : 'console.triggers.would_stay')}</dt>
          <dd>
            <code>{found.after}</code>
          </dd>
        </dl>
      )}
      {found?.warning && <WorkloadWarning warning={found.warning} namespace={namespace} cluster={action.cluster} kube={action.cluster_namespace} />}
      {ask.error && <ErrorState problem={ask.error} />}
    </Stack>
  );
}
