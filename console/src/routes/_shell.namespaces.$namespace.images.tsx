import { createFileRoute } from '@tanstack/react-router';
import { repositoriesQuery } from '@/api/repositories';
import { loadWords } from '@/app/words';
import { NamespaceImagesPage } from '@/features/namespaces/NamespaceImagesPage';
import { readNamespaceImagesSearch, toFilter } from '@/features/namespaces/search';

export const Route = createFileRoute('/_shell/namespaces/$namespace/images')({
  validateSearch: readNamespaceImagesSearch,
  loaderDeps: ({ search }) => readNamespaceImagesSearch({ ...search }),
  loader: ({ context, params, deps }) =>
    Promise.all([loadWords('images'), context.queries.ensureInfiniteQueryData(repositoriesQuery(toFilter(params.namespace, deps)))]),
  component: NamespaceImages,
});

function NamespaceImages() {
  const { namespace } = Route.useParams();
  return <NamespaceImagesPage key={namespace} namespace={namespace} search={Route.useSearch()} />;
}
