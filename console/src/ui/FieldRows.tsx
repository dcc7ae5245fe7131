import { Button, Group, Input, Stack } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { IconButton } from './IconButton';

/** `key` is for React alone: what is typed changes. */
export interface FieldRow {
  key: number;
}

interface FieldRowsProps<Row extends FieldRow> {
  rows: Row[];
  onChange: (rows: Row[]) => void;
  /** A new row. */
  make: (key: number) => Row;
  /** The words of the button that adds one, and of the one that removes this. */
  addLabel: string;
  removeLabel: (row: Row, index: number) => string;
  error?: string;
  /** The inputs of a row; `edit` changes a part of it. */
  children: (row: Row, edit: (part: Partial<Row>) => void, index: number) => ReactNode;
}

/** Several inputs to a row, as many rows as are wanted. */
export function FieldRows<Row extends FieldRow>({ rows, onChange, make, addLabel, removeLabel, error, children }: FieldRowsProps<Row>) {
  const add = () => onChange([...rows, make(Math.max(-1, ...rows.map((row) => row.key)) + 1)]);
  return (
    <Stack gap="sm">
      {rows.map((row, index) => (
        <Group key={row.key} gap="sm" wrap="nowrap" align="center">
          <Group gap="sm" flex={1} miw={0}>
            {children(row, (part) => onChange(rows.map((each) => (each.key === row.key ? { ...each, ...part } : each))), index)}
          </Group>
          <IconButton
            aria-label={removeLabel(row, index)}
            title={removeLabel(row, index)}
            onClick={() => onChange(rows.filter((each) => each.key !== row.key))}
          >
            <IconX size={16} />
          </IconButton>
        </Group>
      ))}
      {error && <Input.Error>{error}</Input.Error>}
      <Group>
        <Button variant="default" leftSection={<IconPlus size={16} aria-hidden />} onClick={add}>
          {addLabel}
        </Button>
      </Group>
    </Stack>
  );
}
