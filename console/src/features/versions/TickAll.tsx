import { useWords } from '@/app/words';
import { usePhone } from '@/ui/phone';
import { Tick } from '@/ui/Tick';
import type { Ticks } from './ticks';

/** Ticks all versions that are loaded, or none. Above cards no column tells what it is for. */
export function TickAll({ names, ticks, all }: { names: string[]; ticks: Ticks; all: boolean }) {
  const say = useWords();
  const phone = usePhone();
  const label = say('console.versions.tick_loaded', { count: names.length });
  const box = (
    <Tick
      aria-label={label}
      title={label}
      checked={all}
      indeterminate={!all && ticks.names.length > 0}
      onChange={() => (all ? ticks.remove(names) : ticks.add(names))}
    />
  );
  if (!phone) return box;
  return (
    <label className="beside">
      {box}
      <span aria-hidden>{label}</span>
    </label>
  );
}
