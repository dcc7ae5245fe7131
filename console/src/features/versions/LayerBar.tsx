import { useWords } from '@/app/words';
import { formatSize } from '@/ui/format/size';
import classes from './LayerBar.module.css';
import type { Segment } from './layers';

interface LayerBarProps {
  segments: Segment[];
  selected?: number;
  onSelect: (step: number) => void;
}

/** Sizes of layers side by side; the table below is its legend, and the way to it for whoever does not see it. */
export function LayerBar({ segments, selected, onSelect }: LayerBarProps) {
  const say = useWords();
  if (segments.length === 0) return null;
  return (
    <div className={classes.bar} role="group" aria-label={say('console.versions.layer_sizes')}>
      {segments.map(({ step, share }) => {
        const name = say('console.versions.step_of_size', { number: step.number, size: formatSize(step.size) });
        return (
          <button
            key={step.number}
            type="button"
            className={classes.segment}
            style={{ flexGrow: share }}
            aria-label={name}
            aria-pressed={selected === step.number}
            title={`${name}\n${step.instruction}`}
            onClick={() => onSelect(step.number)}
          />
        );
      })}
    </div>
  );
}
