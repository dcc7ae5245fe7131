import type { TriggerCondition } from '@/api/triggers';
import { useWords } from '@/app/words';
import { MiddleCut } from '@/ui/MiddleCut';
import classes from './triggers.module.css';
import { conditionWords } from './words';

/** A condition in a cell: its kind, and what was typed. */
export function ConditionText({ condition }: { condition: TriggerCondition }) {
  const say = useWords();
  return (
    <span className={classes.condition}>
      <span className="nowrap">{say(conditionWords[condition.kind][0])}</span>
      {condition.text && (
        <code className={classes.pattern}>
          <MiddleCut text={condition.text} />
        </code>
      )}
    </span>
  );
}
