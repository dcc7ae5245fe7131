import { Radio, Stack, TextInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import type { TriggerCondition } from '@/api/triggers';
import { useWords, type WordKey } from '@/app/words';
import type { TriggerDraft } from './draft';
import { conditionWords } from './words';

const kinds: TriggerCondition['kind'][] = ['all', 'tags', 'regex', 'glob', 'semver'];

/** What is typed for each kind: its label, and an example. */
const texts: Record<Exclude<TriggerCondition['kind'], 'all'>, [WordKey, string]> = {
  tags: ['console.triggers.condition.tags_text', 'latest;v1.4'],
  regex: ['console.triggers.condition.regex_text', '^v[0-9]+'],
  glob: ['console.triggers.condition.glob_text', 'v1.*'],
  semver: ['console.triggers.condition.semver_text', '>=1.4 <2'],
};

/** Which versions a trigger is about; each kind says in a line what it does. */
export function ConditionFields({ form }: { form: UseFormReturnType<TriggerDraft> }) {
  const say = useWords();
  const { kind } = form.values.condition;
  const text = kind === 'all' ? undefined : texts[kind];
  return (
    <Stack gap="md">
      <Radio.Group label={say('console.triggers.condition_label')} {...form.getInputProps('condition.kind')}>
        <Stack gap="sm" mt={4}>
          {kinds.map((each) => (
            <Radio key={each} value={each} label={say(conditionWords[each][0])} description={say(conditionWords[each][1])} />
          ))}
        </Stack>
      </Radio.Group>
      {text && (
        <TextInput
          label={say(text[0])}
          placeholder={text[1]}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
          data-path="condition.text"
          {...form.getInputProps('condition.text')}
        />
      )}
    </Stack>
  );
}
