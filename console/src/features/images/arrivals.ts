// Lists of images as they change: a push, a build or the end of an image says which.
import { repositoriesQuery, repositoryKeys, type RepositoryFilter } from '@/api/repositories';
import { useArrivals } from '@/app/arrivals';

export const useImageArrivals = (filter: RepositoryFilter) =>
  useArrivals({
    topic: 'activity',
    query: repositoriesQuery(filter),
    keyOf: (image) => image.id,
    isAbout: (event, image) => event.repository === image.name,
    isEnd: (event) => event.type === 'repository_deleted',
    // What triggers send is in no row.
    hears: (event) => event.type !== 'delivery',
    beside: [repositoryKeys.lists],
  });
