import { Button, Stack } from '@mantine/core';
import type { Rule, Trial } from '@/api/rules';
import { useTryRule } from '@/api/rules';
import { useWords } from '@/app/words';
import { readRef } from '@/features/builds/buildState';
import { type Column, DataTable } from '@/ui/DataTable';
import { ErrorState } from '@/ui/ErrorState';
import { formatCount } from '@/ui/format/count';
import { MiddleCut } from '@/ui/MiddleCut';
import { readDefinition, type RuleValues } from './ruleValues';

type Tried = Trial['refs'][number];

/** 试运行: what the rule would do with the branches and tags that are there now. Saves nothing. */
export function TryRule({ image, values, rule }: { image: string; values: RuleValues; rule?: Rule }) {
  const say = useWords();
  const trial = useTryRule(image);
  const same = rule && values.source === (rule.source.id ?? '') && values.remote === rule.remote;
  const ready = same || (values.source !== '' && values.remote.trim() !== '');
  const run = () => {
    if (!ready) return;
    const on = same ? { rule: rule.name } : { source: values.source, remote: values.remote.trim() };
    trial.mutate({ ...on, definition: readDefinition(values, rule?.definition.limits) });
  };
  const columns: Column<Tried>[] = [
    { key: 'ref', title: say('console.builds.ref'), grows: true, cell: (tried) => <MiddleCut text={readRef(tried.ref)?.name ?? tried.ref} /> },
    {
      key: 'built',
      title: say('console.rules.outcome'),
      cell: (tried) =>
        tried.built ? (
          <span style={{ color: 'var(--w-success)' }}>{say('console.rules.would_build')}</span>
        ) : (
          <span className="muted" title={tried.message ?? undefined}>
            {say('console.rules.skipped')}
          </span>
        ),
    },
    {
      key: 'tags',
      title: say('console.builds.versions'),
      cell: (tried) => (tried.built ? (tried.problem ?? tried.tags.join(', ')) : <span className="muted">{tried.message}</span>),
    },
  ];
  return (
    <Stack gap="sm">
      <div>
        <Button variant="default" onClick={run} loading={trial.isPending} aria-disabled={!ready} title={ready ? undefined : say('console.rules.try_needs')}>
          {say('console.rules.try')}
        </Button>
        {!ready && <span className="muted" style={{ marginInlineStart: 8 }}>{say('console.rules.try_needs')}</span>}
      </div>
      {trial.error && <ErrorState problem={trial.error} />}
      {trial.data && (
        <div aria-live="polite">
          <p>{say('console.rules.try_result', { built: formatCount(trial.data.built), total: formatCount(trial.data.total) })}</p>
          {trial.data.shared_tags.length > 0 && (
            <p style={{ color: 'var(--w-warning)' }}>{say('console.rules.shared_tags', { tags: trial.data.shared_tags.join(', ') })}</p>
          )}
          {trial.data.refs.length > 0 && <DataTable label={say('console.rules.try')} columns={columns} rows={trial.data.refs} keyOf={(tried) => tried.ref} />}
        </div>
      )}
    </Stack>
  );
}
