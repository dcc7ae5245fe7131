import { TextInput } from '@mantine/core';
import { useWords } from '@/app/words';
import { type FieldRow, FieldRows } from '@/ui/FieldRows';

export interface ArgumentRow extends FieldRow {
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

/** 构建参数: names and values. */
export function ArgumentRows({ rows, onChange, error }: ArgumentRowsProps) {
  const say = useWords();
  return (
    <FieldRows
      rows={rows}
      onChange={onChange}
      make={(key) => ({ key, name: '', value: '' })}
      addLabel={say('console.rules.add_arg')}
      removeLabel={(row, index) => say('console.rules.remove_named', { name: row.name || String(index + 1) })}
      error={error}
    >
      {(row, edit, index) => (
        <>
          <TextInput
            aria-label={say('console.rules.arg_name', { number: index + 1 })}
            placeholder="VERSION"
            value={row.name}
            onChange={(event) => edit({ name: event.currentTarget.value })}
            spellCheck={false}
            autoCapitalize="none"
            flex="1 1 100px"
          />
          <span aria-hidden>=</span>
          <TextInput
            aria-label={say('console.rules.arg_value', { number: index + 1 })}
            placeholder="1.0.0"
            value={row.value}
            onChange={(event) => edit({ value: event.currentTarget.value })}
            spellCheck={false}
            autoCapitalize="none"
            flex="2 1 100px"
          />
        </>
      )}
    </FieldRows>
  );
}
