// What the address of the log of deliveries says.
import { deliveryStates, type DeliveryStateName } from './state';

export interface DeliveriesSearch {
  trigger?: string;
  result?: DeliveryStateName;
  tag?: string;
}

const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : typeof value === 'number' ? String(value) : undefined);

export function readDeliveriesSearch(search: Record<string, unknown>): DeliveriesSearch {
  return {
    trigger: text(search.trigger),
    result: deliveryStates.find((state) => state === search.result),
    // A tag like `1.4` is read from the address as a number.
    tag: text(search.tag),
  };
}

export interface RunSearch {
  /** The trigger that is about to be run. */
  run?: string;
}

export const readRunSearch = (search: Record<string, unknown>): RunSearch => ({ run: text(search.run) });

export interface DeliverySearch {
  /** The attempt that is open; 0 where none is, the newest where this is missing. */
  attempt?: number;
  /** What is shown of it. */
  side?: 'response';
}

export const readDeliverySearch = (search: Record<string, unknown>): DeliverySearch => ({
  attempt: typeof search.attempt === 'number' ? search.attempt : undefined,
  side: search.side === 'response' ? 'response' : undefined,
});

/** What the server is asked for. */
export const toFilter = ({ trigger, result, tag }: DeliveriesSearch) => ({ trigger, state: result, tag });
