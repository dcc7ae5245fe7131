import { Checkbox, NumberInput, Stack, TagsInput, TextInput } from '@mantine/core';
import { useWords } from '@/app/words';
import type { FieldsProps } from './fields';

/** 高级设置: what most rules leave as it is. */
export function AdvancedFields({ values, change, errorOf }: FieldsProps) {
  const say = useWords();
  return (
    <Stack gap="md">
      <TextInput label={say('console.rules.target')} description={say('console.rules.target_hint')} value={values.target} onChange={(event) => change({ target: event.currentTarget.value })} spellCheck={false} maw={320} error={errorOf('target')} />
      <TagsInput label={say('console.rules.platforms')} placeholder="linux/amd64" data={['linux/amd64', 'linux/arm64']} value={values.platforms} onChange={(platforms) => change({ platforms })} acceptValueOnBlur maw={320} error={errorOf('platforms')} />
      <NumberInput label={say('console.rules.timeout')} description={say('console.rules.default_empty')} min={1} allowDecimal={false} value={values.timeoutMinutes} onChange={(value) => change({ timeoutMinutes: value === '' ? '' : Number(value) })} maw={200} error={errorOf('limits.timeout_seconds')} />
      <NumberInput label={say('console.rules.memory')} description={say('console.rules.default_empty')} min={0.25} step={0.5} value={values.memoryGib} onChange={(value) => change({ memoryGib: value === '' ? '' : Number(value) })} maw={200} error={errorOf('limits.memory_bytes')} />
      <Checkbox label={say('console.rules.cache')} checked={values.cache} onChange={(event) => change({ cache: event.currentTarget.checked })} />
      <Checkbox label={say('console.rules.isolated')} description={say('console.rules.isolated_hint')} checked={values.isolated} onChange={(event) => change({ isolated: event.currentTarget.checked })} />
      <Checkbox label={say('console.rules.submodules')} checked={values.submodules} onChange={(event) => change({ submodules: event.currentTarget.checked })} />
      <Checkbox label={say('console.rules.skip_ci')} checked={values.skipCi} onChange={(event) => change({ skipCi: event.currentTarget.checked })} />
      <Checkbox label={say('console.rules.readme')} checked={values.readme} onChange={(event) => change({ readme: event.currentTarget.checked })} />
      <Checkbox label={say('console.rules.report_status')} checked={values.reportStatus} onChange={(event) => change({ reportStatus: event.currentTarget.checked })} />
      <Checkbox label={say('console.rules.rebuild_tags')} checked={values.rebuildTags} onChange={(event) => change({ rebuildTags: event.currentTarget.checked })} />
    </Stack>
  );
}
