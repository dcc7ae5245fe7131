import { ActionIcon, Button, Checkbox, Group, Input, Stack, TagsInput, TextInput } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { useWords } from '@/app/words';
import type { FieldsProps } from './fields';
import type { PushRow } from './ruleValues';

/** 同时推送到: further registries, with the namespace's stored credentials. */
export function PushFields({ values, change, errorOf }: FieldsProps) {
  const say = useWords();
  const rows = values.pushAlso;
  const edit = (key: number, part: Partial<PushRow>) => change({ pushAlso: rows.map((row) => (row.key === key ? { ...row, ...part } : row)) });
  const add = (): PushRow => ({ key: Math.max(-1, ...rows.map((row) => row.key)) + 1, image: '', tags: [] });
  return (
    <Stack gap="sm">
      <Checkbox
        label={say('console.rules.active')}
        description={say('console.rules.push_also_text')}
        checked={values.pushes}
        onChange={(event) => change({ pushes: event.currentTarget.checked, ...(event.currentTarget.checked && rows.length === 0 && { pushAlso: [add()] }) })}
      />
      {values.pushes && (
        <>
          {rows.map((row, index) => (
            <Group key={row.key} gap="sm" align="flex-start">
              <TextInput aria-label={say('console.rules.push_image', { number: index + 1 })} placeholder="docker.io/acme/web" value={row.image} onChange={(event) => edit(row.key, { image: event.currentTarget.value })} spellCheck={false} flex="2 1 200px" />
              <TagsInput aria-label={say('console.rules.push_tags', { number: index + 1 })} placeholder={row.tags.length === 0 ? say('console.rules.same_versions') : undefined} value={row.tags} onChange={(tags) => edit(row.key, { tags })} acceptValueOnBlur flex="1 1 160px" />
              <ActionIcon mt={4} aria-label={say('console.rules.remove_named', { name: row.image || String(index + 1) })} onClick={() => change({ pushAlso: rows.filter((each) => each.key !== row.key) })}>
                <IconX size={16} />
              </ActionIcon>
            </Group>
          ))}
          {errorOf('push_also') && <Input.Error>{errorOf('push_also')}</Input.Error>}
          <Group>
            <Button variant="default" leftSection={<IconPlus size={16} aria-hidden />} onClick={() => change({ pushAlso: [...rows, add()] })}>
              {say('console.rules.add_registry')}
            </Button>
          </Group>
        </>
      )}
    </Stack>
  );
}
