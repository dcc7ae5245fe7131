import { lazy } from 'react';
import { type Trigger, type TriggerPlace, triggerQuery } from '@/api/triggers';
import { useOverList } from '@/app/overList';
import { ByAddress } from '@/ui/ByAddress';
import type { RunSearch } from './search';

const RunTrigger = lazy(() => import('./RunTrigger'));

interface RunByAddressProps {
  place: TriggerPlace;
  search: RunSearch;
  /** Those that the page has already. */
  known: Trigger[];
}

/** The dialog that runs a trigger, where the address says so. */
export function RunByAddress({ place, search: { run }, known }: RunByAddressProps) {
  const { close } = useOverList<RunSearch>({ run: undefined });
  if (run === undefined) return null;
  return (
    <ByAddress known={known.find(({ name }) => name === run)} query={triggerQuery(place, run)} onClose={close}>
      {(trigger) => trigger.may.includes('run') && <RunTrigger place={place} trigger={trigger} onClose={close} />}
    </ByAddress>
  );
}
