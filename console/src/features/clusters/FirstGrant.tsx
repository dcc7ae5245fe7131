import { Select, Stack, TagsInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { useInfiniteQuery } from '@tanstack/react-query';
import { namespacesQuery } from '@/api/namespaces';
import { joinPages } from '@/api/page';
import { useWords } from '@/app/words';
import type { ClusterDraft } from './draft';

/** 授权给: which namespace may use which parts of a cluster from the start; others are granted on its page. */
export function FirstGrant({ form }: { form: UseFormReturnType<ClusterDraft> }) {
  const say = useWords();
  const namespaces = useInfiniteQuery(namespacesQuery());
  const names = namespaces.data ? joinPages(namespaces.data).map((each) => each.name) : [];
  return (
    <Stack gap="sm">
      <Select
        label={say('console.clusters.grant_to')}
        description={say('console.clusters.grant_later')}
        data={names}
        searchable
        clearable
        clearButtonProps={{ 'aria-label': say('console.core.clear') }}
        nothingFoundMessage={say('console.core.nothing_matches')}
        data-path="grant_to"
        {...form.getInputProps('grant_to')}
      />
      {form.values.grant_to !== null && (
        <TagsInput
          label={say('console.clusters.kube_namespaces')}
          description={say('console.clusters.kube_namespaces_hint')}
          splitChars={[',', ';', ' ']}
          acceptValueOnBlur
          data-path="kube"
          {...form.getInputProps('kube')}
        />
      )}
    </Stack>
  );
}
