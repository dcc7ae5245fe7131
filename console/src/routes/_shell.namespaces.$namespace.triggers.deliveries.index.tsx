import { createFileRoute } from '@tanstack/react-router';
import { deliveriesQuery } from '@/api/deliveries';
import { NamespaceDeliveriesPage } from '@/features/triggers/NamespaceTriggers';
import { readDeliveriesSearch, toFilter } from '@/features/triggers/search';

export const Route = createFileRoute('/_shell/namespaces/$namespace/triggers/deliveries/')({
  validateSearch: readDeliveriesSearch,
  loaderDeps: ({ search }) => readDeliveriesSearch({ ...search }),
  loader: ({ context, params, deps }) =>
    context.queries.ensureInfiniteQueryData(deliveriesQuery({ namespace: params.namespace }, toFilter(deps))),
  component: Deliveries,
});

function Deliveries() {
  const navigate = Route.useNavigate();
  return (
    <NamespaceDeliveriesPage
      namespace={Route.useParams().namespace}
      search={Route.useSearch()}
      onSearch={(part) => void navigate({ search: (before) => ({ ...before, ...part }), replace: true })}
    />
  );
}
