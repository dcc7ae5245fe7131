import { IconPlus } from '@tabler/icons-react';
import { useSuspenseInfiniteQuery, useSuspenseQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { namespaceQuery } from '@/api/namespaces';
import { joinPages } from '@/api/page';
import { repositoriesQuery } from '@/api/repositories';
import { useWords } from '@/app/words';
import { useImageArrivals } from '@/features/images/arrivals';
import { ImageFilters } from '@/features/images/ImageFilters';
import { ImagesTable } from '@/features/images/ImagesTable';
import { EmptyPlace } from '@/ui/EmptyPlace';
import { ButtonLink } from '@/ui/links';
import { LivePill } from '@/ui/LivePill';
import { NamespaceFrame } from './NamespaceFrame';
import { type NamespaceImagesSearch, toFilter } from './search';

/** The tab 镜像: what is in a namespace. */
export function NamespaceImagesPage({ namespace, search }: { namespace: string; search: NamespaceImagesSearch }) {
  const say = useWords();
  const navigate = useNavigate({ from: '/namespaces/$namespace/images' });
  const { may, description } = useSuspenseQuery(namespaceQuery(namespace)).data;
  const images = useSuspenseInfiniteQuery(repositoriesQuery(toFilter(namespace, search)));
  const rows = joinPages(images.data);
  const arrived = useImageArrivals(toFilter(namespace, search));
  const tab = say('console.namespaces.tab.images');
  const filtered = Boolean(search.q || search.type);
  const create = may.includes('create_repositories') && (
    <ButtonLink to="/images/-/new" search={{ ns: namespace }} leftSection={<IconPlus size={16} aria-hidden />}>
      {say('console.images.new')}
    </ButtonLink>
  );
  const change = (part: NamespaceImagesSearch) => void navigate({ search: (before) => ({ ...before, ...part }), replace: true });
  const elsewhere = (
    <ButtonLink to="/images" search={{ ns: namespace }} variant="default">
      {say('console.namespaces.in_my_images')}
    </ButtonLink>
  );
  return (
    <NamespaceFrame
      namespace={namespace}
      tab={tab}
      actions={
        rows.length > 0 && (
          <>
            {create}
            {elsewhere}
          </>
        )
      }
    >
      {description && (
        <p className="muted" style={{ margin: '0 0 16px', maxWidth: 720, whiteSpace: 'pre-line' }}>
          {description}
        </p>
      )}
      {rows.length === 0 && !filtered ? (
        <EmptyPlace title={say('console.namespaces.no_images')} text={say('console.namespaces.no_images_text')}>
          {create}
        </EmptyPlace>
      ) : (
        <>
          <ImageFilters search={search} onChange={change} />
          <LivePill count={arrived.count} text={say('console.images.arrived', { count: arrived.count })} action={say('console.core.show')} onShow={arrived.show} />
          {rows.length > 0 ? (
            <ImagesTable label={tab} rows={rows} sort={search.sort} onSort={(sort) => change({ sort })} more={images} />
          ) : (
            <EmptyPlace title={say('console.core.nothing_matches')}>
              <ButtonLink to="/namespaces/$namespace/images" params={{ namespace }} variant="default">
                {say('console.core.clear_filters')}
              </ButtonLink>
            </EmptyPlace>
          )}
        </>
      )}
    </NamespaceFrame>
  );
}
