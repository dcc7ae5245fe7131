import { Table } from '@mantine/core';
import '@/app/styles/facts';
import type { Comparison } from '@/api/versions';
import { useWords } from '@/app/words';
import { Digest } from '@/ui/Digest';
import { formatSize } from '@/ui/format/size';
import { TextLink } from '@/ui/links';
import { MiddleCut } from '@/ui/MiddleCut';
import { Size } from '@/ui/Size';
import classes from './compare.module.css';

/** The two versions by themselves: what they are called, what they name, how large they are. */
export function Sides({ name, comparison }: { name: string; comparison: Comparison }) {
  const say = useWords();
  const { a, b } = comparison;
  const grown = b.size_bytes - a.size_bytes;
  return (
    <Table aria-label={say('console.compare.versions')} className={classes.sides}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{say('console.versions.version')}</Table.Th>
          <Table.Th>{say('console.core.digest')}</Table.Th>
          <Table.Th className="number">{say('console.core.size')}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {[a, b].map((side, index) => (
          <Table.Tr key={index}>
            <Table.Td>
              <TextLink to="/images/$name/versions/$tag" params={{ name, tag: side.reference }} style={{ display: 'flex', minWidth: 0 }}>
                <MiddleCut text={side.reference} />
              </TextLink>
            </Table.Td>
            <Table.Td>
              <Digest value={side.digest} />
            </Table.Td>
            <Table.Td className="number">
              <Size bytes={side.size_bytes} />
              {index === 1 && grown !== 0 && <div className="muted nowrap">{`${grown > 0 ? '+' : '−'}${formatSize(Math.abs(grown))}`}</div>}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
