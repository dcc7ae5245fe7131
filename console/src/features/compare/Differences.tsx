import { Table, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Comparison } from '@/api/versions';
import { useWords, type WordKey } from '@/app/words';
import { readInstruction } from '@/features/versions/layers';
import { formatSize } from '@/ui/format/size';
import { Notice } from '@/ui/Notice';
import { Size } from '@/ui/Size';
import classes from './compare.module.css';

/** What differs, part by part; a part without a difference is not there. */
export function Differences({ comparison }: { comparison: Comparison }) {
  const say = useWords();
  const { a, b, environment, labels, settings } = comparison;
  const layers = a.layers.length + b.layers.length;
  const platforms = a.platforms.length + b.platforms.length;
  const looked = a.image !== null && b.image !== null;
  const same = layers + platforms + environment.length + labels.length + settings.length === 0;
  return (
    <>
      {a.digest === b.digest ? (
        <Notice tone="idle" title={say('console.compare.same_digest')} />
      ) : (
        same && looked && <Notice tone="idle" title={say('console.compare.same')} />
      )}
      {!looked && <Notice tone="warning" title={say('console.compare.no_image')} />}
      {platforms > 0 && <Platforms comparison={comparison} />}
      {layers > 0 && <LayersOfOne comparison={comparison} />}
      <Values title={say('console.versions.environment')} name={say('console.versions.key')} values={environment} comparison={comparison} />
      <Values title={say('console.versions.labels')} name={say('console.versions.key')} values={labels} comparison={comparison} />
      <Values
        title={say('console.versions.view.config')}
        name={say('console.versions.key')}
        values={settings.map((each) => ({ ...each, name: settingWords[each.name] ? say(settingWords[each.name] as WordKey) : each.name }))}
        comparison={comparison}
      />
    </>
  );
}

const settingWords: Record<string, WordKey> = {
  entrypoint: 'console.versions.entrypoint',
  cmd: 'console.versions.command',
  user: 'console.versions.user',
  working_dir: 'console.versions.working_directory',
  exposed_ports: 'console.versions.ports',
};

function Part({ title, note, children }: { title: string; note?: string; children: ReactNode }) {
  return (
    <section className={classes.part}>
      <Title order={2}>{title}</Title>
      {note && <p className="muted">{note}</p>}
      {children}
    </section>
  );
}

function Platforms({ comparison: { a, b } }: { comparison: Comparison }) {
  const say = useWords();
  const only = [a, b].flatMap((side) => side.platforms.map((platform) => ({ side: side.reference, platform })));
  return (
    <Part title={say('console.versions.platforms')}>
      <Table aria-label={say('console.versions.platforms')} className={classes.table}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th className={classes.side}>{say('console.compare.only_in')}</Table.Th>
            <Table.Th>{say('console.versions.platform')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {only.map(({ side, platform }) => (
            <Table.Tr key={`${side} ${platform}`}>
              <Table.Td>{side}</Table.Td>
              <Table.Td className="mono">{platform}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Part>
  );
}

function LayersOfOne({ comparison }: { comparison: Comparison }) {
  const say = useWords();
  const { a, b, shared_layers: count, shared_bytes: bytes } = comparison;
  const only = [a, b].flatMap((side) => side.layers.map((step) => ({ side: side.reference, step })));
  return (
    <Part title={say('console.compare.layers')} note={count > 0 ? say('console.compare.shared', { count, size: formatSize(bytes) }) : undefined}>
      <Table aria-label={say('console.compare.layers')} className={classes.table}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th className={classes.side}>{say('console.compare.only_in')}</Table.Th>
            <Table.Th>{say('console.versions.instruction')}</Table.Th>
            <Table.Th className="number">{say('console.core.size')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {only.map(({ side, step }, index) => (
            <Table.Tr key={index}>
              <Table.Td>{side}</Table.Td>
              <Table.Td className="mono" title={step.created_by}>
                {readInstruction(step.created_by) || step.comment || step.layer_digest}
              </Table.Td>
              <Table.Td className="number">
                <Size bytes={step.size_bytes} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Part>
  );
}

interface ValuesProps {
  title: string;
  /** What stands over the names. */
  name: string;
  values: Comparison['environment'];
  comparison: Comparison;
}

function Values({ title, name, values, comparison: { a, b } }: ValuesProps) {
  const say = useWords();
  if (values.length === 0) return null;
  const show = (value: string | null | undefined) =>
    value === null || value === undefined ? <span className="muted">{say('console.compare.none')}</span> : <span className="mono">{value}</span>;
  return (
    <Part title={title}>
      <Table aria-label={title} className={classes.table} layout="fixed">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{name}</Table.Th>
            <Table.Th>{a.reference}</Table.Th>
            <Table.Th>{b.reference}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {values.map((each) => (
            <Table.Tr key={each.name}>
              <Table.Td className="mono">{each.name}</Table.Td>
              <Table.Td>{show(each.a)}</Table.Td>
              <Table.Td>{show(each.b)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Part>
  );
}
