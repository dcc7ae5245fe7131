import { Stack, Title } from '@mantine/core';
import { useSuspenseQuery } from '@tanstack/react-query';
import { repositoryQuery } from '@/api/repositories';
import { ruleKeys, rulesQuery } from '@/api/rules';
import { useLiveQuery } from '@/app/events';
import { useWords } from '@/app/words';
import { ImageFrame } from '@/features/images/ImageFrame';
import { BuildFilters } from './BuildFilters';
import { BuildNow } from './BuildNow';
import { BuildRecords } from './BuildRecords';
import { RuleCards } from './RuleCards';
import { type BuildsSearch, readBuildFilter } from './search';

interface BuildsPageProps {
  name: string;
  search: BuildsSearch;
  /** Where the drawer that starts a build is open: what it builds from. */
  starting?: { by?: string };
}

/** 镜像构建: the rules of an image and the records of its builds. */
export function BuildsPage({ name, search, starting }: BuildsPageProps) {
  const say = useWords();
  const image = useSuspenseQuery(repositoryQuery(name)).data;
  const filter = readBuildFilter({ ...search });
  const rules = useSuspenseQuery(rulesQuery(name)).data;
  useLiveQuery(`rules:${name}`, ruleKeys.all(name));
  return (
    <ImageFrame name={name} tab={say('console.images.tab.builds')}>
      <Stack gap={32}>
        <RuleCards image={image} rules={rules} search={search} />
        <Stack gap="md" component="section" aria-labelledby="build-records">
          <Title order={2} id="build-records">
            {say('console.builds.records')}
          </Title>
          <BuildFilters image={name} filter={filter} rules={rules} />
          <BuildRecords image={name} filter={filter} />
        </Stack>
      </Stack>
      {starting && <BuildNow image={image} rules={rules} filter={filter} by={starting.by} />}
    </ImageFrame>
  );
}
