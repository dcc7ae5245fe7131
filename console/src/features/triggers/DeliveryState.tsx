import type { Delivery } from '@/api/deliveries';
import { StateBadge } from '@/ui/StateBadge';
import { showDelivery } from './state';

interface DeliveryStateProps {
  delivery: Delivery;
  /** Whether the image of before was put back; only the delivery's own page knows. */
  rolledBack?: boolean;
}

/** How a delivery stands, with the reason on hover. */
export function DeliveryState({ delivery, rolledBack }: DeliveryStateProps) {
  const shown = showDelivery(delivery, rolledBack);
  return <span title={delivery.message ?? undefined}>{shown ? <StateBadge state={shown} /> : delivery.state}</span>;
}
