// Lists of images as they change: a push, a build, an edit or its end says which image.
import { repositoriesQuery, repositoryKeys, type RepositoryFilter } from '@/api/repositories';
import { useSession } from '@/api/session';
import { useArrivals } from '@/app/arrivals';

export function useImageArrivals(filter: RepositoryFilter) {
  const { user } = useSession();
  return useArrivals({
    // What happens everywhere is told to nobody who did not sign in.
    topic: user ? 'activity' : undefined,
    query: repositoriesQuery(filter),
    keyOf: (image) => image.id,
    isAbout: (event, image) => event.repository === image.name,
    isEnd: (event) => event.type === 'repository_deleted',
    // What triggers send is in no row.
    hears: (event) => event.type !== 'delivery',
    beside: [repositoryKeys.lists],
  });
}
