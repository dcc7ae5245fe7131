import { Alert, Checkbox, Stack, TagsInput } from '@mantine/core';
import { useWords } from '@/app/words';
import type { FieldsProps } from './fields';

/** 触发方式: boxes, any of which is enough. */
export function TriggerFields({ values, change, errorOf }: FieldsProps) {
  const say = useWords();
  if (values.form === 'docker_hub') {
    return (
      <Alert variant="outline" color="tide" title={say('console.rules.when')}>
        {say('console.rules.lines_decide')}
      </Alert>
    );
  }
  return (
    <Checkbox.Group
      label={say('console.rules.when')}
      description={say('console.rules.when_text')}
      value={[...(values.tags ? ['tags'] : []), ...(values.branches ? ['branches'] : [])]}
      onChange={(boxes) => change({ tags: boxes.includes('tags'), branches: boxes.includes('branches') })}
      error={errorOf('trigger')}
    >
      <Stack gap="sm" mt={8}>
        <Checkbox value="tags" label={say('console.rules.tag_added')} />
        {values.tags && (
          <TagsInput
            ml={32}
            aria-label={say('console.rules.tag_patterns')}
            description={say('console.rules.patterns_hint')}
            placeholder={values.tagPatterns.length === 0 ? say('console.rules.any_tag') : undefined}
            value={values.tagPatterns}
            onChange={(tagPatterns) => change({ tagPatterns })}
            acceptValueOnBlur
            error={errorOf('trigger.tag_patterns')}
          />
        )}
        <Checkbox value="branches" label={say('console.rules.branch_pushed')} />
        {values.branches && (
          <TagsInput
            ml={32}
            aria-label={say('console.rules.branch_patterns')}
            description={say('console.rules.patterns_hint')}
            placeholder={values.branchPatterns.length === 0 ? say('console.rules.any_branch') : undefined}
            value={values.branchPatterns}
            onChange={(branchPatterns) => change({ branchPatterns })}
            acceptValueOnBlur
            error={errorOf('trigger.branch_patterns')}
          />
        )}
      </Stack>
    </Checkbox.Group>
  );
}
