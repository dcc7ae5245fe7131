// How a delivery stands, as it is shown.
import type { Delivery } from '@/api/deliveries';
import type { ShownState } from '@/ui/StateBadge';

type Standing = Pick<Delivery, 'state' | 'kind' | 'attempt_count' | 'patched_at' | 'reason'>;

/** Nothing tries it any more, without anybody having refused it. */
const givenUp = new Set(['gave_up', 'too_many_waiting']);

/** `undefined` for a state that this console does not know yet. */
export function showDelivery(delivery: Standing, rolledBack = false): ShownState | undefined {
  const rolls = delivery.kind === 'workload';
  switch (delivery.state) {
    case 'waiting':
      return delivery.attempt_count > 0 ? 'retrying' : 'queued';
    case 'running':
      return rolls && delivery.patched_at ? 'rolling_out' : 'sending';
    case 'succeeded':
      return rolls ? 'rolled_out' : 'delivered';
    case 'unchanged':
      return 'unchanged';
    case 'superseded':
      return 'superseded';
    case 'canceled':
      return 'canceled';
    case 'failed':
      if (rolledBack) return 'rolled_back';
      if (delivery.reason && givenUp.has(delivery.reason)) return 'gave_up';
      return rolls ? 'rollout_failed' : 'delivery_failed';
    default:
      return undefined;
  }
}

export const isOver = (delivery: Pick<Delivery, 'state'>) => delivery.state !== 'waiting' && delivery.state !== 'running';

/** The states that the log can be narrowed to, in the order of a delivery's life. */
export const deliveryStates = ['waiting', 'running', 'succeeded', 'unchanged', 'superseded', 'failed', 'canceled'] as const;
export type DeliveryStateName = (typeof deliveryStates)[number];
