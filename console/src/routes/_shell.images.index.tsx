import { createFileRoute } from '@tanstack/react-router';
import { repositoriesQuery } from '@/api/repositories';
import { requireUser } from '@/app/guards';
import { loadWords } from '@/app/words';
import { ImagesPage } from '@/features/images/ImagesPage';
import { readImagesSearch, toFilter } from '@/features/images/search';

export const Route = createFileRoute('/_shell/images/')({
  validateSearch: readImagesSearch,
  beforeLoad: requireUser,
  loaderDeps: ({ search }) => readImagesSearch({ ...search }),
  loader: ({ context, deps }) =>
    Promise.all([loadWords('images', 'namespaces'), context.queries.ensureInfiniteQueryData(repositoriesQuery(toFilter(deps)))]),
  component: Images,
});

function Images() {
  return <ImagesPage search={Route.useSearch()} />;
}
