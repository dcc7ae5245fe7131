// Lists of images as they change: a push or a build says which image.
import { repositoriesQuery, repositoryKeys, type RepositoryFilter } from '@/api/repositories';
import { useArrivals } from '@/app/arrivals';

export const useImageArrivals = (filter: RepositoryFilter) =>
  useArrivals({
    topic: 'activity',
    query: repositoriesQuery(filter),
    keyOf: (image) => image.id,
    isAbout: (event, image) => event.repository === image.name,
    // What triggers send is in no row.
    hears: (event) => event.type !== 'delivery',
    beside: [repositoryKeys.lists],
  });
