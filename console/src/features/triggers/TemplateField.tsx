import { Code, Text, Textarea } from '@mantine/core';
import { useWords } from '@/app/words';
import type { ActionFieldsProps } from './ActionFields';

/** What every event has, and what most have; the names are the server's. */
const facts = ['event', 'time', 'actor', 'repository', 'image', 'tag', 'digest', 'reference', 'url', 'build.number'];

/** A text with the facts of an event in it. */
export function TemplateField({ form, index, label }: ActionFieldsProps & { label: string }) {
  const say = useWords();
  const path = `actions.${index}.template`;
  return (
    <div>
      <Textarea
        label={label}
        autosize
        minRows={4}
        maxRows={16}
        spellCheck={false}
        styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: 13 } }}
        data-path={path}
        {...form.getInputProps(path)}
      />
      <Text className="muted" size="xs" mt={4}>
        {say('console.triggers.template_facts')}{' '}
        {facts.map((fact) => (
          <Code key={fact} mr={4}>{`{{ ${fact} }}`}</Code>
        ))}
      </Text>
    </div>
  );
}
