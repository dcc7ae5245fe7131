import { ActionIcon, Button, Group, Input, Stack, TextInput } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { useWords } from '@/app/words';

export interface ArgumentRow {
  /** For React alone: names change while they are typed. */
  key: number;
  name: string;
  value: string;
}

export const toRows = (args: Record<string, string> | undefined): ArgumentRow[] =>
  Object.entries(args ?? {}).map(([name, value], key) => ({ key, name, value }));

/** Rows without a name are none. */
export const readArguments = (rows: readonly ArgumentRow[]): Record<string, string> =>
  Object.fromEntries(rows.filter((row) => row.name.trim() !== '').map((row) => [row.name.trim(), row.value]));

interface ArgumentRowsProps {
  rows: ArgumentRow[];
  onChange: (rows: ArgumentRow[]) => void;
  error?: string;
}

/** 构建参数: names and values, as many as are wanted. */
export function ArgumentRows({ rows, onChange, error }: ArgumentRowsProps) {
  const say = useWords();
  const edit = (key: number, change: Partial<ArgumentRow>) =>
    onChange(rows.map((row) => (row.key === key ? { ...row, ...change } : row)));
  const add = () => onChange([...rows, { key: Math.max(-1, ...rows.map((row) => row.key)) + 1, name: '', value: '' }]);
  return (
    <Stack gap="sm">
      {rows.map((row, index) => (
        <Group key={row.key} gap="sm" wrap="nowrap">
          <TextInput
            aria-label={say('console.rules.arg_name', { number: index + 1 })}
            placeholder="VERSION"
            value={row.name}
            onChange={(event) => edit(row.key, { name: event.currentTarget.value })}
            spellCheck={false}
            autoCapitalize="none"
            flex={1}
          />
          <span aria-hidden>=</span>
          <TextInput
            aria-label={say('console.rules.arg_value', { number: index + 1 })}
            placeholder="1.0.0"
            value={row.value}
            onChange={(event) => edit(row.key, { value: event.currentTarget.value })}
            spellCheck={false}
            autoCapitalize="none"
            flex={2}
          />
          <ActionIcon aria-label={say('console.rules.remove_named', { name: row.name || String(index + 1) })} onClick={() => onChange(rows.filter((each) => each.key !== row.key))}>
            <IconX size={16} />
          </ActionIcon>
        </Group>
      ))}
      {error && <Input.Error>{error}</Input.Error>}
      <Group>
        <Button variant="default" leftSection={<IconPlus size={16} aria-hidden />} onClick={add}>
          {say('console.rules.add_arg')}
        </Button>
      </Group>
    </Stack>
  );
}
