import { Group, Select } from '@mantine/core';
import { IconArrowsLeftRight } from '@tabler/icons-react';
import { useSuspenseQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { repositoryQuery } from '@/api/repositories';
import { comparisonQuery, versionKeys } from '@/api/versions';
import { useLiveQuery } from '@/app/events';
import { Page } from '@/app/Page';
import '@/app/styles/forms';
import { useWords } from '@/app/words';
import { listCrumbsInImage } from '@/features/images/crumbs';
import { EmptyPlace } from '@/ui/EmptyPlace';
import { ButtonLink } from '@/ui/links';
import { ChooseOther } from './ChooseOther';
import { Differences } from './Differences';
import type { CompareSearch } from './search';
import { Sides } from './Sides';

/** 比较: what differs between two versions of an image. */
export function ComparePage({ name, search }: { name: string; search: CompareSearch }) {
  const say = useWords();
  const image = useSuspenseQuery(repositoryQuery(name)).data;
  useLiveQuery(`repository:${name}`, versionKeys.all(name), ['tag_']);
  const { a, b, platform } = search;
  const title = a && b ? say('console.compare.title', { a, b }) : say('console.compare.title_empty');
  return (
    <Page
      title={title}
      windowTitle={[title, name]}
      crumbs={[
        ...listCrumbsInImage(image, say),
        { label: say('console.images.tab.versions'), to: '/images/$name/versions', params: { name } },
      ]}
    >
      {a && b ? (
        <Compared name={name} a={a} b={b} platform={platform} />
      ) : a ? (
        <ChooseOther name={name} a={a} />
      ) : (
        <EmptyPlace title={say('console.compare.choose')} text={say('console.compare.choose_text')}>
          <ButtonLink to="/images/$name/versions" params={{ name }}>
            {say('console.images.tab.versions')}
          </ButtonLink>
        </EmptyPlace>
      )}
    </Page>
  );
}

interface ComparedProps {
  name: string;
  a: string;
  b: string;
  platform?: string;
}

function Compared({ name, a, b, platform }: ComparedProps) {
  const say = useWords();
  const navigate = useNavigate();
  const comparison = useSuspenseQuery(comparisonQuery(name, a, b, platform)).data;
  return (
    <>
      <Group gap="sm" mb="md">
        <ButtonLink
          to="/images/$name/compare"
          params={{ name }}
          search={{ a: b, b: a, platform }}
          replace
          variant="default"
          leftSection={<IconArrowsLeftRight size={16} aria-hidden />}
        >
          {say('console.compare.swap')}
        </ButtonLink>
        {comparison.common_platforms.length > 1 && (
          <Select
            aria-label={say('console.versions.platform')}
            data={comparison.common_platforms}
            value={comparison.platform ?? null}
            onChange={(chosen) =>
              void navigate({ to: '/images/$name/compare', params: { name }, search: { a, b, platform: chosen ?? undefined }, replace: true })
            }
            allowDeselect={false}
            w={{ base: '100%', sm: 180 }}
          />
        )}
      </Group>
      <Sides name={name} comparison={comparison} />
      <Differences comparison={comparison} />
    </>
  );
}
