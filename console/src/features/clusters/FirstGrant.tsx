import { Stack, TagsInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { useWords } from '@/app/words';
import { NamespaceSelect } from '@/features/namespaces/NamespaceSelect';
import type { ClusterDraft } from './draft';

/** 授权给: which namespace may use which parts of a cluster from the start; others are granted on its page. */
export function FirstGrant({ form }: { form: UseFormReturnType<ClusterDraft> }) {
  const say = useWords();
  return (
    <Stack gap="sm">
      <NamespaceSelect
        label={say('console.clusters.grant_to')}
        description={say('console.clusters.grant_later')}
        clearable
        data-path="grant_to"
        {...form.getInputProps('grant_to')}
        value={form.values.grant_to}
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
