import { Switch } from '@mantine/core';
import { type Trigger, type TriggerPlace, useEditTrigger } from '@/api/triggers';
import '@/app/styles/forms';
import { isProblem } from '@/api/problem';
import { useWords } from '@/app/words';

/** Whether a trigger fires. Shown before the server agreed; taken back where it does not. */
export function TriggerSwitch({ place, trigger }: { place: TriggerPlace; trigger: Trigger }) {
  const say = useWords();
  const edit = useEditTrigger(place);
  const wanted = edit.isPending ? edit.variables.changes.enabled : undefined;
  return (
    <Switch
      aria-label={say('console.triggers.enable_named', { name: trigger.name })}
      checked={wanted ?? trigger.enabled}
      disabled={!trigger.may.includes('edit')}
      error={isProblem(edit.error) ? edit.error.detail : undefined}
      onChange={(event) => edit.mutate({ trigger: trigger.name, changes: { enabled: event.currentTarget.checked } })}
    />
  );
}
