import { Group, Stack, Title } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import type { Repository } from '@/api/repositories';
import type { Rule } from '@/api/rules';
import { sourcesQuery } from '@/api/sources';
import { useWords } from '@/app/words';
import { EmptyPlace } from '@/ui/EmptyPlace';
import { ButtonLink } from '@/ui/links';
import { RuleCard } from './RuleCard';
import type { BuildsSearch } from './search';

/** 构建配置: a card for each rule; where there is none, the way to the first one. */
export function RuleCards({ image, rules, search }: { image: Repository; rules: Rule[]; search: BuildsSearch }) {
  const say = useWords();
  const params = { name: image.name };
  const manages = image.may.includes('manage_rules');
  return (
    <Stack gap="md" component="section" aria-labelledby="build-settings">
      <Group justify="space-between">
        <Title order={2} id="build-settings">
          {say('console.builds.settings')}
        </Title>
        {manages && rules.length > 0 && (
          <ButtonLink to="/images/$name/rules/-/new" params={params} variant="default" leftSection={<IconPlus size={16} aria-hidden />}>
            {say('console.builds.new_rule')}
          </ButtonLink>
        )}
      </Group>
      {rules.length > 0 ? (
        rules.map((rule) => <RuleCard key={rule.id} image={image.name} rule={rule} alone={rules.length === 1} opened={search.of === rule.name ? search.open : undefined} />)
      ) : (
        <NoRule image={image} manages={manages} />
      )}
    </Stack>
  );
}

function NoRule({ image, manages }: { image: Repository; manages: boolean }) {
  const say = useWords();
  const sources = useInfiniteQuery({ ...sourcesQuery(), enabled: manages });
  const none = sources.data?.pages[0]?.items.length === 0;
  if (!manages) return <EmptyPlace title={say('console.builds.no_rule')} text={say('console.builds.no_rule_reader')} />;
  if (none) {
    return (
      <EmptyPlace title={say('console.builds.no_source')} text={say('console.builds.no_source_text')}>
        <ButtonLink to="/sources/-/new" search={{}}>
          {say('console.builds.add_source')}
        </ButtonLink>
      </EmptyPlace>
    );
  }
  return (
    <EmptyPlace title={say('console.builds.no_rule')} text={say('console.builds.no_rule_text')}>
      <ButtonLink to="/images/$name/rules/-/new" params={{ name: image.name }}>
        {say('console.builds.new_rule')}
      </ButtonLink>
    </EmptyPlace>
  );
}
