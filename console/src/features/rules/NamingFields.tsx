import { Checkbox, Group, Input, SegmentedControl, Select, Stack, TagsInput, TextInput } from '@mantine/core';
import { useWords } from '@/app/words';
import { FieldRows } from '@/ui/FieldRows';
import type { FieldsProps } from './fields';
import type { LineRow, RuleValues } from './ruleValues';

/** 镜像版本命名规则: parts that are joined, templates, or Docker Hub's lines. */
export function NamingFields({ values, change, errorOf }: FieldsProps) {
  const say = useWords();
  return (
    <Stack gap="md">
      <Input.Wrapper label={say('console.rules.naming')} labelElement="div" error={errorOf('naming')}>
        <SegmentedControl
          display="flex"
          mt={4}
          aria-label={say('console.rules.naming')}
          value={values.form}
          onChange={(form) => change({ form: form as RuleValues['form'] })}
          data={[
            { value: 'parts', label: say('console.rules.parts') },
            { value: 'templates', label: say('console.rules.templates') },
            { value: 'docker_hub', label: say('console.rules.regex') },
          ]}
        />
      </Input.Wrapper>
      {values.form === 'parts' && (
        <Stack gap="sm">
          <TextInput
            label={say('console.rules.prefix')}
            placeholder="v-${VERSION}"
            value={values.prefix}
            onChange={(event) => change({ prefix: event.currentTarget.value })}
            spellCheck={false}
            maw={320}
            error={errorOf('naming.prefix')}
          />
          <Group gap="xl">
            <Checkbox label={say('console.rules.part.reference')} checked={values.reference} onChange={(event) => change({ reference: event.currentTarget.checked })} />
            <Checkbox label={say('console.rules.part.time')} checked={values.time} onChange={(event) => change({ time: event.currentTarget.checked })} />
            <Checkbox label={say('console.rules.part.commit')} checked={values.commit} onChange={(event) => change({ commit: event.currentTarget.checked })} />
          </Group>
        </Stack>
      )}
      {values.form === 'templates' && (
        <TagsInput
          label={say('console.rules.templates')}
          description={say('console.rules.templates_hint')}
          placeholder="{branch}-{sha:8}"
          value={values.templates}
          onChange={(templates) => change({ templates })}
          acceptValueOnBlur
          error={errorOf('naming.templates')}
        />
      )}
      {values.form === 'docker_hub' ? (
        <Lines rows={values.lines} onChange={(lines) => change({ lines })} error={errorOf('naming.lines')} />
      ) : (
        <TagsInput
          label={say('console.rules.also')}
          placeholder="latest"
          value={values.also}
          onChange={(also) => change({ also })}
          acceptValueOnBlur
          maw={320}
          error={errorOf('naming.also')}
        />
      )}
    </Stack>
  );
}

/** Docker Hub's rows: branch or tag, a name or `/regex/`, and the version it gives. */
function Lines({ rows, onChange, error }: { rows: LineRow[]; onChange: (rows: LineRow[]) => void; error?: string }) {
  const say = useWords();
  return (
    <FieldRows
      rows={rows}
      onChange={onChange}
      make={(key): LineRow => ({ key, source_type: 'branch', source: '', tags: '', automatic: true })}
      addLabel={say('console.rules.add_line')}
      removeLabel={(row, index) => say('console.rules.remove_named', { name: row.source || String(index + 1) })}
      error={error}
    >
      {(row, edit, index) => (
        <>
          <Select
            aria-label={say('console.rules.line_type', { number: index + 1 })}
            w={100}
            allowDeselect={false}
            data={[
              { value: 'branch', label: say('console.builds.branch') },
              { value: 'tag', label: 'Tag' },
            ]}
            value={row.source_type}
            onChange={(type) => type && edit({ source_type: type as LineRow['source_type'] })}
          />
          <TextInput
            aria-label={say('console.rules.line_source', { number: index + 1 })}
            placeholder="/^release-(.*)$/"
            value={row.source}
            onChange={(event) => edit({ source: event.currentTarget.value })}
            spellCheck={false}
            flex="1 1 140px"
          />
          <TextInput
            aria-label={say('console.rules.line_tags', { number: index + 1 })}
            placeholder="v{\1},latest"
            value={row.tags}
            onChange={(event) => edit({ tags: event.currentTarget.value })}
            spellCheck={false}
            flex="1 1 140px"
          />
          <Checkbox label={say('console.rules.automatic')} checked={row.automatic !== false} onChange={(event) => edit({ automatic: event.currentTarget.checked })} />
        </>
      )}
    </FieldRows>
  );
}
