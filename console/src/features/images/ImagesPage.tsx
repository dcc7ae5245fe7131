import { Button, Group } from '@mantine/core';
import { IconKey, IconPlus } from '@tabler/icons-react';
import { useSuspenseInfiniteQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { joinPages } from '@/api/page';
import { repositoriesQuery, type Repository, repositoryKeys } from '@/api/repositories';
import { useLiveQuery } from '@/app/events';
import { Page } from '@/app/Page';
import { useWords } from '@/app/words';
import { Choices } from '@/ui/Choices';
import { DataTable } from '@/ui/DataTable';
import { EmptyPlace } from '@/ui/EmptyPlace';
import { FilterInput } from '@/ui/FilterInput';
import { ButtonLink } from '@/ui/links';
import { FavoriteButton } from './FavoriteButton';
import { ImageActions } from './ImageActions';
import { listImageColumns } from './columns';
import { type ImagesSearch, toFilter } from './search';

const FirstImage = lazy(() => import('./FirstImage'));
const ResetPassword = lazy(() => import('./ResetPassword'));

/** 我的镜像: the images that somebody may see, or those with a star (我的收藏). */
export function ImagesPage({ search }: { search: ImagesSearch }) {
  const say = useWords();
  const images = useSuspenseInfiniteQuery(repositoriesQuery(toFilter(search)));
  const rows = joinPages(images.data);
  const filtered = Boolean(search.q || search.type || search.ns);
  const [teaches] = useState(rows.length === 0 && !filtered && !search.fav);
  useLiveQuery('activity', repositoryKeys.lists);

  const title = say(search.fav ? 'console.core.nav.favourites' : 'console.core.nav.images');
  return (
    <Page title={title} actions={<Toolbar />}>
      {teaches ? (
        <Suspense fallback={null}>
          <FirstImage received={rows[0]} />
        </Suspense>
      ) : (
        <>
          <Filters search={search} />
          {rows.length > 0 ? (
            <ImagesTable label={title} rows={rows} search={search} more={images} />
          ) : (
            <NothingHere search={search} filtered={filtered} />
          )}
        </>
      )}
    </Page>
  );
}

function Toolbar() {
  const say = useWords();
  const [resetting, setResetting] = useState(false);
  return (
    <>
      <ButtonLink to="/images/-/new" leftSection={<IconPlus size={16} aria-hidden />}>
        {say('console.images.create')}
      </ButtonLink>
      <Button variant="default" leftSection={<IconKey size={16} aria-hidden />} onClick={() => setResetting(true)}>
        {say('console.images.reset_password')}
      </Button>
      {resetting && (
        <Suspense fallback={null}>
          <ResetPassword onClose={() => setResetting(false)} />
        </Suspense>
      )}
    </>
  );
}

function Filters({ search }: { search: ImagesSearch }) {
  const say = useWords();
  const navigate = useNavigate({ from: '/images/' });
  const change = (part: Partial<ImagesSearch>) => navigate({ search: (before) => ({ ...before, ...part }), replace: true });
  return (
    <Group mb="md" gap="sm">
      <Choices
        label={say('console.core.type')}
        value={search.type ?? ''}
        items={[
          { value: '', label: say('console.core.all') },
          { value: 'public', label: say('console.core.public') },
          { value: 'private', label: say('console.core.private') },
        ]}
        onChange={(type) => change({ type: type === '' ? undefined : type })}
      />
      <FilterInput label={say('console.images.filter')} value={search.q} onChange={(q) => change({ q })} />
    </Group>
  );
}

function NothingHere({ search, filtered }: { search: ImagesSearch; filtered: boolean }) {
  const say = useWords();
  if (!filtered && search.fav) return <EmptyPlace title={say('console.images.no_favourites')} />;
  return (
    <EmptyPlace title={say('console.core.nothing_matches')}>
      <ButtonLink to="/images" search={{ fav: search.fav }} variant="default">
        {say('console.core.clear_filters')}
      </ButtonLink>
    </EmptyPlace>
  );
}

interface ImagesTableProps {
  label: string;
  rows: Repository[];
  search: ImagesSearch;
  more: Parameters<typeof DataTable<Repository>>[0]['more'];
}

function ImagesTable({ label, rows, search, more }: ImagesTableProps) {
  const say = useWords();
  const navigate = useNavigate({ from: '/images/' });
  return (
    <DataTable
      label={label}
      columns={listImageColumns(say)}
      rows={rows}
      keyOf={(row) => row.id}
      lead={(row) => <FavoriteButton image={row} />}
      actions={(row) => <ImageActions image={row} />}
      sort={search.sort ?? 'name'}
      onSort={(sort) => navigate({ search: (before) => ({ ...before, sort: sort as ImagesSearch['sort'] }), replace: true })}
      more={more}
    />
  );
}
