import { createFileRoute } from '@tanstack/react-router';
import { deliveriesQuery } from '@/api/deliveries';
import { DeliveriesPage } from '@/features/triggers/DeliveriesPage';
import { readDeliveriesSearch, toFilter } from '@/features/triggers/search';

export const Route = createFileRoute('/_shell/images/$name/triggers/deliveries/')({
  validateSearch: readDeliveriesSearch,
  loaderDeps: ({ search }) => readDeliveriesSearch({ ...search }),
  loader: ({ context, params, deps }) =>
    context.queries.ensureInfiniteQueryData(deliveriesQuery({ repository: params.name }, toFilter(deps))),
  component: Deliveries,
});

function Deliveries() {
  const navigate = Route.useNavigate();
  return (
    <DeliveriesPage
      name={Route.useParams().name}
      search={Route.useSearch()}
      onSearch={(part) => void navigate({ search: (before) => ({ ...before, ...part }), replace: true })}
    />
  );
}
