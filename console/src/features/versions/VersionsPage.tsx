import { useSuspenseInfiniteQuery, useSuspenseQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useCallback, useMemo } from 'react';
import { joinPages } from '@/api/page';
import { repositoryQuery } from '@/api/repositories';
import { type Version, versionKeys, versionsQuery } from '@/api/versions';
import { useArrivals } from '@/app/arrivals';
import '@/app/styles/forms';
import { useLanguage, useWords } from '@/app/words';
import { ImageFrame } from '@/features/images/ImageFrame';
import { CommandLine } from '@/ui/CommandLine';
import { DataTable } from '@/ui/DataTable';
import { EmptyPlace } from '@/ui/EmptyPlace';
import { ButtonLink } from '@/ui/links';
import { LivePill } from '@/ui/LivePill';
import { Tick } from '@/ui/Tick';
import { listVersionColumns } from './columns';
import type { VersionsSearch } from './search';
import { SelectionBar } from './SelectionBar';
import { TickAll } from './TickAll';
import { useTicks } from './ticks';
import { VersionActions } from './VersionActions';
import { VersionFilters } from './VersionFilters';

/** 镜像版本: the tags of an image. */
export function VersionsPage({ name, search }: { name: string; search: VersionsSearch }) {
  const say = useWords();
  const language = useLanguage();
  const navigate = useNavigate({ from: '/images/$name/versions/' });
  const image = useSuspenseQuery(repositoryQuery(name)).data;
  const query = versionsQuery(name, search);
  const versions = useSuspenseInfiniteQuery(query);
  const rows = useMemo(() => joinPages(versions.data), [versions.data]);
  const [first] = versions.data.pages;
  const ticks = useTicks();
  const names = useMemo(() => rows.map((row) => row.name), [rows]);
  const all = useMemo(() => names.length > 0 && names.every(ticks.has), [names, ticks]);
  const arrived = useArrivals({
    topic: `repository:${name}`,
    query,
    keyOf: (version) => version.name,
    hears: (event) => event.type.startsWith('tag_'),
    isAbout: (event, version) => event.tag === version.name,
    isEnd: (event) => event.type === 'tag_deleted',
    beside: [versionKeys.all(name)],
  });
  const tab = say('console.images.tab.versions');
  const change = (part: VersionsSearch) => navigate({ search: (before) => ({ ...before, ...part }), replace: true });
  const deletes = image.may.includes('delete');

  // Kept, so that a page of rows that arrives draws its own rows and none that are there.
  const { address } = image;
  const builds = image.may.includes('view_builds');
  const columns = useMemo(() => listVersionColumns(say, language, { name, address, builds }), [say, language, name, address, builds]);
  const lead = useCallback(
    (row: Version) => <Tick aria-label={say('console.versions.tick', { name: row.name })} checked={ticks.has(row.name)} onChange={() => ticks.toggle(row.name)} />,
    [say, ticks],
  );
  const { remove } = ticks;
  const actions = useCallback(
    (row: Version) => <VersionActions name={name} address={address} version={row} deletes={deletes} onDeleted={() => remove([row.name])} />,
    [name, address, deletes, remove],
  );

  if (rows.length === 0 && !search.q && !search.platform) {
    return (
      <ImageFrame name={name} tab={tab}>
        <EmptyPlace title={say('console.versions.none')} text={say('console.versions.none_text')}>
          {image.may.includes('push') && <CommandLine label={say('console.images.push_command')} text={`docker push ${address}:v1`} />}
        </EmptyPlace>
      </ImageFrame>
    );
  }
  return (
    <ImageFrame name={name} tab={tab}>
      <VersionFilters search={search} onSearch={change} platforms={first?.platforms ?? []} matching={first?.matching ?? rows.length} total={first?.total ?? rows.length} />
      <LivePill count={arrived.count} text={say('console.versions.arrived', { count: arrived.count })} action={say('console.core.show')} onShow={arrived.show} />
      {rows.length > 0 ? (
        <DataTable
          label={tab}
          columns={columns}
          rows={rows}
          keyOf={(row) => row.name}
          leadHead={<TickAll names={names} ticks={ticks} all={all} />}
          lead={lead}
          actions={actions}
          sort={search.sort ?? 'name'}
          onSort={(sort) => change({ sort: sort === 'name' ? undefined : (sort as VersionsSearch['sort']) })}
          total={first?.matching === undefined ? undefined : first.matching + 1}
          more={versions}
        />
      ) : (
        <EmptyPlace title={say('console.core.nothing_matches')}>
          <ButtonLink to="/images/$name/versions" params={{ name }} variant="default">
            {say('console.core.clear_filters')}
          </ButtonLink>
        </EmptyPlace>
      )}
      <SelectionBar name={name} ticks={ticks} deletes={deletes} />
    </ImageFrame>
  );
}
