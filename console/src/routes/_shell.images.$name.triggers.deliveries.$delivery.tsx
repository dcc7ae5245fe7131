import { createFileRoute } from '@tanstack/react-router';
import { deliveryQuery } from '@/api/deliveries';
import { DeliveryPage } from '@/features/triggers/DeliveryPage';
import { readDeliverySearch } from '@/features/triggers/search';

export const Route = createFileRoute('/_shell/images/$name/triggers/deliveries/$delivery')({
  validateSearch: readDeliverySearch,
  loader: ({ context, params }) => context.queries.ensureQueryData(deliveryQuery(params.name, params.delivery)),
  component: Delivery,
});

function Delivery() {
  const { name, delivery } = Route.useParams();
  return <DeliveryPage key={delivery} name={name} delivery={delivery} />;
}
