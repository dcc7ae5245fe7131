import { Button } from '@mantine/core';
import { IconDots, IconGitBranch, IconKey, IconPlus } from '@tabler/icons-react';
import { useSuspenseInfiniteQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { joinPages } from '@/api/page';
import { repositoriesQuery } from '@/api/repositories';
import { useOverList } from '@/app/overList';
import { Page } from '@/app/Page';
import { useWords } from '@/app/words';
import { ActionMenu } from '@/ui/ActionMenu';
import { EmptyPlace } from '@/ui/EmptyPlace';
import { ButtonLink } from '@/ui/links';
import { LivePill } from '@/ui/LivePill';
import { usePhone } from '@/ui/phone';
import { useImageArrivals } from './arrivals';
import { ImageFilters } from './ImageFilters';
import { ImagesTable } from './ImagesTable';
import { type ImagesSearch, toFilter } from './search';

const FirstImage = lazy(() => import('./FirstImage'));
const ResetPassword = lazy(() => import('./ResetPassword'));

/** 我的镜像: the images of somebody's namespaces, or those with a star (我的收藏). */
export function ImagesPage({ search }: { search: ImagesSearch }) {
  const say = useWords();
  const images = useSuspenseInfiniteQuery(repositoriesQuery(toFilter(search)));
  const rows = joinPages(images.data);
  const filtered = Boolean(search.q || search.type || search.ns);
  const teaches = useLesson(!filtered && !search.fav, rows.length === 0, !images.isFetching);
  const arrived = useImageArrivals(toFilter(search));
  const navigate = useNavigate({ from: '/images/' });
  const change = (part: Partial<ImagesSearch>) => navigate({ search: (before) => ({ ...before, ...part }), replace: true });

  const title = say(search.fav ? 'console.core.nav.favourites' : 'console.core.nav.images');
  return (
    <Page title={title} actions={<Toolbar resetting={search.reset} />}>
      {teaches ? (
        <Suspense fallback={null}>
          <FirstImage received={rows[0]} />
        </Suspense>
      ) : (
        <>
          <ImageFilters search={search} onChange={change} onNamespace={(ns) => void change({ ns })} />
          <LivePill count={arrived.count} text={say('console.images.arrived', { count: arrived.count })} action={say('console.core.show')} onShow={arrived.show} />
          {rows.length > 0 ? (
            <ImagesTable label={title} rows={rows} sort={search.sort} onSort={(sort) => void change({ sort })} more={images} />
          ) : (
            <NothingHere search={search} filtered={filtered} />
          )}
        </>
      )}
    </Page>
  );
}

/**
 * Whether the first steps are shown: where nothing is, and on until their reader leaves, who sees the first push arrive there. What
 * was there before the page was opened has arrived already: only a `fresh` answer begins them.
 */
function useLesson(whole: boolean, empty: boolean, fresh: boolean): boolean {
  const [begun, setBegun] = useState(false);
  const teaches = whole && (empty || begun);
  const begins = teaches && (begun || fresh);
  if (begins !== begun) setBegun(begins);
  return teaches;
}

function Toolbar({ resetting }: { resetting?: true }) {
  const say = useWords();
  const phone = usePhone();
  const navigate = useNavigate();
  const form = useOverList<Pick<ImagesSearch, 'reset'>>({ reset: undefined });
  const reset = { label: say('console.images.reset_password'), icon: <IconKey size={16} aria-hidden />, onSelect: () => form.open({ reset: true }) };
  const sources = {
    label: say('console.core.nav.sources'),
    icon: <IconGitBranch size={16} aria-hidden />,
    onSelect: () => void navigate({ to: '/sources' }),
  };
  return (
    <>
      <ButtonLink to="/images/-/new" leftSection={<IconPlus size={16} aria-hidden />}>
        {say('console.images.create')}
      </ButtonLink>
      {phone ? (
        <ActionMenu label={say('console.core.actions')} icon={<IconDots size={18} aria-hidden />} items={[reset, sources]} />
      ) : (
        <>
          <Button variant="default" leftSection={reset.icon} onClick={reset.onSelect}>
            {reset.label}
          </Button>
          <ButtonLink to="/sources" variant="default" leftSection={sources.icon}>
            {sources.label}
          </ButtonLink>
        </>
      )}
      {resetting && (
        <Suspense fallback={null}>
          <ResetPassword onClose={form.close} />
        </Suspense>
      )}
    </>
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
