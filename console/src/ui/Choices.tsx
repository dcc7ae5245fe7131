import { useId, useState } from 'react';
import classes from './Choices.module.css';

interface ChoicesProps<Value extends string> {
  /** What is chosen: "Type". */
  label: string;
  value: Value;
  items: { value: Value; label: string }[];
  onChange: (value: Value) => void;
}

/** One of a few, all of them in sight: radio buttons that look like one control. */
export function Choices<Value extends string>({ label, value, items, onChange }: ChoicesProps<Value>) {
  const name = useId();
  const [chosen, setChosen] = useState(value);
  const [shown, setShown] = useState(value);
  // The address changed, by this choice or from outside.
  if (value !== shown) {
    setShown(value);
    setChosen(value);
  }
  const choose = (next: Value) => {
    // Seen at once: what it leads to may take a while.
    setChosen(next);
    onChange(next);
  };
  return (
    <div role="radiogroup" aria-label={label} className={classes.root}>
      {items.map((item) => (
        <label key={item.value} className={classes.choice}>
          <input type="radio" name={name} checked={item.value === chosen} onChange={() => choose(item.value)} />
          {item.label}
        </label>
      ))}
    </div>
  );
}
