import { useSuspenseInfiniteQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { joinPages } from '@/api/page';
import { repositoriesQuery, type Repository } from '@/api/repositories';
import { Page } from '@/app/Page';
import { type Say, useLanguage, useWords } from '@/app/words';
import { useImageArrivals } from '@/features/images/arrivals';
import { Copy } from '@/ui/Copy';
import { type Column, DataTable } from '@/ui/DataTable';
import { EmptyPlace } from '@/ui/EmptyPlace';
import { FilterInput } from '@/ui/FilterInput';
import { Filters } from '@/ui/Filters';
import { formatCompact } from '@/ui/format/count';
import { ButtonLink, TextLink } from '@/ui/links';
import { LivePill } from '@/ui/LivePill';
import { MiddleCut } from '@/ui/MiddleCut';
import { PhoneSort } from '@/ui/PhoneSort';
import { Time } from '@/ui/Time';
import { type ExploreSearch, toFilter } from './search';

/** 公开镜像: what anybody may pull, signed in or not. */
export function ExplorePage({ search }: { search: ExploreSearch }) {
  const say = useWords();
  const language = useLanguage();
  const navigate = useNavigate({ from: '/explore' });
  const images = useSuspenseInfiniteQuery(repositoriesQuery(toFilter(search)));
  const rows = joinPages(images.data);
  const arrived = useImageArrivals(toFilter(search));
  const title = say('console.core.nav.explore');
  const change = (part: ExploreSearch) => void navigate({ search: (before) => ({ ...before, ...part }), replace: true });
  return (
    <Page title={title}>
      {rows.length === 0 && !search.q ? (
        <EmptyPlace title={say('console.explore.none')} text={say('console.explore.none_text')} />
      ) : (
        <>
          <Filters
            active={search.sort ? 1 : 0}
            lead={<FilterInput label={say('console.explore.filter')} value={search.q} onChange={(q) => change({ q })} />}
          >
            <PhoneSort columns={listColumns(say, language)} sort={search.sort ?? '-pulls'} onSort={(sort) => change({ sort: sort as ExploreSearch['sort'] })} />
          </Filters>
          <LivePill count={arrived.count} text={say('console.images.arrived', { count: arrived.count })} action={say('console.core.show')} onShow={arrived.show} />
          {rows.length > 0 ? (
            <DataTable
              label={title}
              columns={listColumns(say, language)}
              rows={rows}
              keyOf={(image) => image.id}
              more={images}
              sort={search.sort ?? '-pulls'}
              onSort={(sort) => change({ sort: sort as ExploreSearch['sort'] })}
            />
          ) : (
            <EmptyPlace title={say('console.core.nothing_matches')}>
              <ButtonLink to="/explore" variant="default">
                {say('console.core.clear_filters')}
              </ButtonLink>
            </EmptyPlace>
          )}
        </>
      )}
    </Page>
  );
}

const listColumns = (say: Say, language: 'zh' | 'en'): Column<Repository>[] => [
  {
    key: 'name',
    title: say('console.core.name'),
    grows: true,
    sort: { up: 'name', down: '-name' },
    cell: (image) => (
      <TextLink to="/images/$name" params={{ name: image.name }} fw={600} style={{ display: 'flex', minWidth: 0 }}>
        <MiddleCut text={image.name} />
      </TextLink>
    ),
  },
  {
    key: 'description',
    title: say('console.core.description'),
    grows: true,
    cell: (image) => <span title={image.short_description}>{image.short_description}</span>,
  },
  {
    key: 'pulls',
    title: say('console.core.pulls'),
    numeric: true,
    sort: { up: 'pulls', down: '-pulls' },
    cell: (image) => formatCompact(image.pull_count, language),
  },
  {
    key: 'updated',
    title: say('console.explore.updated'),
    sort: { up: 'pushed', down: '-pushed' },
    cell: (image) => <Time at={image.last_push_at} />,
  },
  {
    key: 'pull',
    title: say('console.explore.pull'),
    cell: (image) =>
      image.latest_tag ? (
        <Copy value={`docker pull ${image.address}:${image.latest_tag}`} label={`docker pull ${image.name}:${image.latest_tag}`} />
      ) : (
        <span className="muted">–</span>
      ),
  },
];
