import { Button, Group, Table, Title } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import '@/app/styles/facts';
import { useWords } from '@/app/words';

interface ChartFrameProps {
  title: string;
  /** Of its heading; 2 where no other heading stands above it. */
  order?: 2 | 3;
  /** One sentence that says what the picture shows; also its name for people who do not see it. */
  summary: string;
  /** The same numbers as rows. */
  head: string[];
  rows: ReactNode[][];
  /** Parts of the picture are links; the table has them too, for the keyboard. */
  linked?: boolean;
  children: ReactNode;
}

/** Around each picture: what it is, what it says in a sentence, and the same as a table. */
export function ChartFrame({ title, order = 3, summary, head, rows, linked, children }: ChartFrameProps) {
  const say = useWords();
  const [asTable, setAsTable] = useState(false);
  return (
    <section>
      <Group justify="space-between" wrap="nowrap">
        <Title order={order}>{title}</Title>
        <Button variant="subtle" size="compact-sm" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
          {say('console.core.as_table')}
        </Button>
      </Group>
      <p className="muted" style={{ margin: '0 0 8px' }}>
        {summary}
      </p>
      {asTable ? (
        <Table aria-label={title}>
          <Table.Thead>
            <Table.Tr>
              {head.map((name) => (
                <Table.Th key={name}>{name}</Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map((row, index) => (
              <Table.Tr key={index}>
                {row.map((cell, column) => (
                  <Table.Td key={column}>{cell}</Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      ) : (
        <div role={linked ? 'group' : 'img'} aria-label={summary}>
          {children}
        </div>
      )}
    </section>
  );
}
