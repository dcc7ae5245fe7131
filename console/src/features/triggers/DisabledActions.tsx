import { Button } from '@mantine/core';
import { type Trigger, type TriggerPlace, useEnableAction } from '@/api/triggers';
import { useWords } from '@/app/words';
import { ErrorState } from '@/ui/ErrorState';
import { Notice } from '@/ui/Notice';
import classes from './triggers.module.css';

/** Actions that do nothing any more, such as one whose receiver said that it is gone: why, and back on. */
export function DisabledActions({ place, trigger }: { place: TriggerPlace; trigger: Trigger }) {
  const say = useWords();
  const enable = useEnableAction(place);
  return trigger.actions
    .filter((action) => action.state !== 'active')
    .map((action) => (
      <div key={action.id} className={classes.above}>
        <Notice tone="warning" title={say('console.triggers.action_off', { target: action.label })}>
        {action.message && <span>{action.message}</span>}
        {trigger.may.includes('edit') && <Button
          variant="default"
          loading={enable.isPending && enable.variables.action === action.id}
          onClick={() => enable.mutate({ trigger: trigger.name, action: action.id })}
        >
          {say('console.triggers.action_on')}
        </Button>}
        {enable.error && enable.variables.action === action.id && <ErrorState problem={enable.error} />}
        </Notice>
      </div>
    ));
}
