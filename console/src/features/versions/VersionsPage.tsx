import { Code, Group } from '@mantine/core';
import '@mantine/core/styles/Code.layer.css';
import { useQueryClient, useSuspenseInfiniteQuery, useSuspenseQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { joinPages } from '@/api/page';
import { repositoryQuery } from '@/api/repositories';
import { type Version, versionKeys, versionsQuery } from '@/api/versions';
import { useTopic } from '@/app/events';
import type { Language } from '@/app/language';
import { type Say, useLanguage, useWords } from '@/app/words';
import { ImageFrame } from '@/features/images/ImageFrame';
import { CommandLine } from '@/ui/CommandLine';
import { Copy } from '@/ui/Copy';
import { type Column, DataTable } from '@/ui/DataTable';
import { Digest } from '@/ui/Digest';
import { EmptyPlace } from '@/ui/EmptyPlace';
import { FilterInput } from '@/ui/FilterInput';
import { formatCompact } from '@/ui/format/count';
import { ButtonLink, TextLink } from '@/ui/links';
import { MiddleCut } from '@/ui/MiddleCut';
import { Size } from '@/ui/Size';
import { Time } from '@/ui/Time';

export interface VersionsSearch {
  q?: string;
}

/** 镜像版本: the tags of an image. */
export function VersionsPage({ name, search }: { name: string; search: VersionsSearch }) {
  const say = useWords();
  const language = useLanguage();
  const queries = useQueryClient();
  const navigate = useNavigate({ from: '/images/$name/versions/' });
  const image = useSuspenseQuery(repositoryQuery(name)).data;
  const versions = useSuspenseInfiniteQuery(versionsQuery(name, search));
  const rows = joinPages(versions.data);
  useTopic(`repository:${name}`, () => void queries.invalidateQueries({ queryKey: versionKeys.all(name) }));
  const tab = say('console.images.tab.versions');
  return (
    <ImageFrame name={name} tab={tab}>
      {rows.length === 0 && !search.q ? (
        <EmptyPlace title={say('console.versions.none')} text={say('console.versions.none_text')}>
          <CommandLine label={say('console.images.push_command')} text={`docker push ${image.address}:v1`} />
        </EmptyPlace>
      ) : (
        <>
          <Group mb="md">
            <FilterInput label={say('console.versions.filter')} value={search.q} onChange={(q) => navigate({ search: { q }, replace: true })} />
          </Group>
          {rows.length > 0 ? (
            <DataTable label={tab} columns={listColumns(say, language, name, image.address)} rows={rows} keyOf={(row) => row.name} total={image.tag_count} more={versions} />
          ) : (
            <EmptyPlace title={say('console.core.nothing_matches')}>
              <ButtonLink to="/images/$name/versions" params={{ name }} variant="default">
                {say('console.core.clear_filters')}
              </ButtonLink>
            </EmptyPlace>
          )}
        </>
      )}
    </ImageFrame>
  );
}

const listColumns = (say: Say, language: Language, name: string, address: string): Column<Version>[] => [
  {
    key: 'name',
    title: say('console.versions.version'),
    grows: true,
    cell: (version) => (
      <Group gap={4} wrap="nowrap">
        <TextLink to="/images/$name/versions/$tag" params={{ name, tag: version.name }}>
          <MiddleCut text={version.name} />
        </TextLink>
        <Copy value={`docker pull ${address}:${version.name}`} label={`docker pull ${version.name}`} />
      </Group>
    ),
  },
  { key: 'digest', title: say('console.versions.digest'), cell: (version) => <Digest value={version.digest} /> },
  {
    key: 'platforms',
    title: say('console.versions.platforms'),
    from: 1000,
    cell: (version) => (
      <Group gap={4} wrap="nowrap">
        {version.platforms.map((platform) => (
          <Code key={platform}>{platform}</Code>
        ))}
      </Group>
    ),
  },
  { key: 'size', title: say('console.core.size'), numeric: true, cell: (version) => <Size bytes={version.size_bytes} /> },
  { key: 'pushed', title: say('console.versions.pushed'), cell: (version) => <Time at={version.pushed_at} /> },
  { key: 'by', title: say('console.versions.pushed_by'), from: 1200, cell: (version) => version.pushed_by },
  { key: 'pulls', title: say('console.core.pulls'), numeric: true, cell: (version) => formatCompact(version.pull_count, language) },
];
