import type { Delivery } from '@/api/deliveries';
import { StateBadge } from '@/ui/StateBadge';
import { showDelivery } from './state';

interface DeliveryStateProps {
  delivery: Delivery;
  /** Whether the image of before was put back; only the delivery's own page knows. */
  rolledBack?: boolean;
}

/** How a delivery stands; the reason is said below it, in a list by `Reason`. */
export function DeliveryState({ delivery, rolledBack }: DeliveryStateProps) {
  const shown = showDelivery(delivery, rolledBack);
  return shown ? <StateBadge state={shown} /> : <span>{delivery.state}</span>;
}
