import { Checkbox, Stack, TagsInput, TextInput } from '@mantine/core';
import { useWords } from '@/app/words';
import { FieldRows } from '@/ui/FieldRows';
import type { FieldsProps } from './fields';
import type { PushRow } from './ruleValues';

const makeRow = (key: number): PushRow => ({ key, image: '', tags: [] });

/** 同时推送到: further registries, with the namespace's stored credentials. */
export function PushFields({ values, change, errorOf }: FieldsProps) {
  const say = useWords();
  const rows = values.pushAlso;
  return (
    <Stack gap="sm">
      <Checkbox
        label={say('console.rules.active')}
        description={say('console.rules.push_also_text')}
        checked={values.pushes}
        onChange={(event) => change({ pushes: event.currentTarget.checked, ...(event.currentTarget.checked && rows.length === 0 && { pushAlso: [makeRow(0)] }) })}
      />
      {values.pushes && (
        <FieldRows
          rows={rows}
          onChange={(pushAlso) => change({ pushAlso })}
          make={makeRow}
          addLabel={say('console.rules.add_registry')}
          removeLabel={(row, index) => say('console.rules.remove_named', { name: row.image || String(index + 1) })}
          error={errorOf('push_also')}
        >
          {(row, edit, index) => (
            <>
              <TextInput
                aria-label={say('console.rules.push_image', { number: index + 1 })}
                placeholder="docker.io/acme/web"
                value={row.image}
                onChange={(event) => edit({ image: event.currentTarget.value })}
                spellCheck={false}
                flex="2 1 200px"
              />
              <TagsInput
                aria-label={say('console.rules.push_tags', { number: index + 1 })}
                placeholder={row.tags.length === 0 ? say('console.rules.same_versions') : undefined}
                value={row.tags}
                onChange={(tags) => edit({ tags })}
                acceptValueOnBlur
                flex="1 1 160px"
              />
            </>
          )}
        </FieldRows>
      )}
    </Stack>
  );
}
