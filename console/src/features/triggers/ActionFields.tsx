import { Group, Radio, Stack } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { IconTrash } from '@tabler/icons-react';
import type { TriggerPlace } from '@/api/triggers';
import { useWords } from '@/app/words';
import { IconButton } from '@/ui/IconButton';
import { type ActionChoice, type ActionDraft, isPush, type TriggerDraft } from './draft';
import { MessageFields } from './MessageFields';
import classes from './triggers.module.css';
import { WebhookFields } from './WebhookFields';
import { WorkloadFields } from './WorkloadFields';

export interface ActionFieldsProps {
  form: UseFormReturnType<TriggerDraft>;
  index: number;
}

interface AnyActionFieldsProps extends ActionFieldsProps {
  place: TriggerPlace;
  namespace: string;
}

/** One action: what it does, and where. */
export function ActionFields({ form, index, place, namespace }: AnyActionFieldsProps) {
  const say = useWords();
  const action = form.values.actions[index];
  if (!action) return null;
  const several = form.values.actions.length > 1;
  const title = say('console.triggers.action_number', { number: index + 1 });
  const choose = (kind: string) => {
    form.setFieldValue(`actions.${index}.kind`, kind as ActionChoice);
    // A workload is told which image to run, and only pushes say that.
    if (kind === 'workload') {
      const pushes = form.values.events.filter(isPush);
      form.setFieldValue('events', pushes.length > 0 ? pushes : ['tag_created', 'tag_changed']);
    }
  };
  return (
    <fieldset className={classes.card}>
      <legend className={classes.legend}>{title}</legend>
      <Stack gap="lg">
        <Group justify="space-between" align="flex-start" wrap="nowrap">
          <Radio.Group aria-label={say('console.triggers.action_label')} value={action.kind} onChange={choose} data-path={`actions.${index}.kind`} error={form.errors[`actions.${index}.kind`]}>
            <Group gap="lg">
              {place.repository !== undefined && <Radio value="workload" label={say('console.triggers.action.workload')} disabled={isOther(action, 'workload')} />}
              <Radio value="webhook" label={say('console.triggers.action.webhook')} disabled={isOther(action, 'webhook')} />
              <Radio value="message" label={say('console.triggers.action.message')} disabled={isOther(action, 'message')} />
            </Group>
          </Radio.Group>
          {several && (
            <IconButton aria-label={say('console.triggers.remove_action', { number: index + 1 })} title={say('console.triggers.remove_action', { number: index + 1 })} onClick={() => form.removeListItem('actions', index)}>
              <IconTrash size={18} />
            </IconButton>
          )}
        </Group>
        {action.kind === 'workload' && <WorkloadFields form={form} index={index} namespace={namespace} />}
        {action.kind === 'webhook' && <WebhookFields form={form} index={index} />}
        {action.kind === 'message' && <MessageFields form={form} index={index} />}
      </Stack>
    </fieldset>
  );
}

/** An action that is stored keeps its kind: its log and secrets are of it. Another kind is another action. */
const isOther = (action: ActionDraft, kind: ActionChoice) => action.id !== undefined && action.kind !== kind;
