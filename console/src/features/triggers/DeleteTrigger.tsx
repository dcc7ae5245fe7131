import { type Trigger, type TriggerPlace, useDeleteTrigger } from '@/api/triggers';
import { useWords } from '@/app/words';
import { announce } from '@/ui/announce';
import { ConfirmByName } from '@/ui/ConfirmByName';
import { sayAction } from './words';

interface DeleteTriggerProps {
  place: TriggerPlace;
  trigger: Trigger;
  onClose: () => void;
  onDeleted?: () => void;
}

/** Asks before a trigger goes: its actions, their secrets, and what waits for them. */
export default function DeleteTrigger({ place, trigger, onClose, onDeleted }: DeleteTriggerProps) {
  const say = useWords();
  const remove = useDeleteTrigger(place);
  const confirm = () =>
    remove.mutate(trigger.name, {
      onSuccess: () => {
        announce(say('console.triggers.deleted', { name: trigger.name }));
        onClose();
        onDeleted?.();
      },
    });
  const actions = trigger.actions.map((action) => `${sayAction(action, say)} ${action.label}`);
  return (
    <ConfirmByName
      opened
      onClose={onClose}
      title={say('console.triggers.delete_named', { name: trigger.name })}
      name={trigger.name}
      losses={[
        { text: say('console.triggers.loses_actions', { count: actions.length }), names: actions },
        { text: say('console.triggers.loses_waiting') },
      ]}
      action={say('console.triggers.delete')}
      onConfirm={confirm}
      pending={remove.isPending}
      problem={remove.error}
    />
  );
}
