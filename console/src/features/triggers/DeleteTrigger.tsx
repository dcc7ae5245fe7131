import { type Trigger, type TriggerPlace, useDeleteTrigger } from '@/api/triggers';
import { useWords } from '@/app/words';
import { DeleteByName } from '@/ui/DeleteByName';
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
  const { name } = trigger;
  const actions = trigger.actions.map((action) => `${sayAction(action, say)} ${action.label}`);
  return (
    <DeleteByName
      remove={useDeleteTrigger(place)}
      name={name}
      title={say('console.triggers.delete_named', { name })}
      losses={[
        { text: say('console.triggers.loses_actions', { count: actions.length }), names: actions },
        { text: say('console.triggers.loses_waiting') },
      ]}
      action={say('console.triggers.delete')}
      deleted={say('console.triggers.deleted', { name })}
      onClose={onClose}
      onDeleted={onDeleted}
    />
  );
}
