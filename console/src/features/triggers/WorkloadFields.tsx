import { Checkbox, NumberInput, Stack } from '@mantine/core';
import { useWords } from '@/app/words';
import type { ActionFieldsProps } from './ActionFields';
import type { PickerLevel } from './picking';
import { WorkloadPicker } from './WorkloadPicker';

/** Bounds of a rollout's time in minutes; the server's are 10 seconds and 2 hours. */
const SHORTEST_MINUTES = 1;
const LONGEST_MINUTES = 120;

const levels: PickerLevel[] = ['region', 'cluster', 'cluster_namespace', 'workload', 'container'];

/** The container that runs what was pushed, how long it may take to, and what happens when it does not. */
export function WorkloadFields({ form, index, namespace }: ActionFieldsProps & { namespace: string }) {
  const say = useWords();
  const action = form.values.actions[index];
  if (!action) return null;
  const path = `actions.${index}`;
  const errors = Object.fromEntries(levels.map((level) => [level, form.errors[`${path}.${level}`]]).filter(([, error]) => error));
  return (
    <Stack gap="lg">
      <WorkloadPicker
        namespace={namespace}
        value={action}
        path={path}
        onChange={(chosen) => {
          form.setFieldValue(path, { ...action, ...chosen });
          for (const level of levels) form.clearFieldError(`${path}.${level}`);
        }}
        errors={errors}
      />
      <NumberInput
        label={say('console.triggers.timeout')}
        description={say('console.triggers.timeout_hint')}
        min={SHORTEST_MINUTES}
        max={LONGEST_MINUTES}
        allowDecimal={false}
        w={{ base: '100%', sm: 240 }}
        value={Math.max(SHORTEST_MINUTES, Math.round(action.timeout_seconds / 60))}
        onChange={(minutes) => form.setFieldValue(`${path}.timeout_seconds`, Number(minutes) * 60)}
        error={form.errors[`${path}.timeout_seconds`]}
        data-path={`${path}.timeout_seconds`}
      />
      <Checkbox
        label={say('console.triggers.rollback')}
        description={say('console.triggers.rollback_hint')}
        {...form.getInputProps(`${path}.rollback`, { type: 'checkbox' })}
      />
    </Stack>
  );
}
