import { Table } from '@mantine/core';
import { useEffect, useRef } from 'react';
import type { VersionDetail } from '@/api/versions';
import { useWords } from '@/app/words';
import { Digest } from '@/ui/Digest';
import { EmptyPlace } from '@/ui/EmptyPlace';
import { Size } from '@/ui/Size';
import { Time } from '@/ui/Time';
import { LayerBar } from './LayerBar';
import classes from './Layers.module.css';
import { listSegments, listSteps, type Step } from './layers';

interface LayersProps {
  version: Pick<VersionDetail, 'history' | 'layers'>;
  /** The step that the address names. */
  selected?: number;
  onSelect: (step: number) => void;
}

/** 层与历史: what each step of the Dockerfile added. */
export function Layers({ version, selected, onSelect }: LayersProps) {
  const say = useWords();
  const steps = listSteps(version);
  if (steps.length === 0) return <EmptyPlace title={say('console.versions.no_layers')} />;
  return (
    <>
      <LayerBar segments={listSegments(steps)} selected={selected} onSelect={onSelect} />
      <Table aria-label={say('console.versions.view.layers')}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th className="number">#</Table.Th>
            <Table.Th>{say('console.versions.instruction')}</Table.Th>
            <Table.Th className="number">{say('console.core.size')}</Table.Th>
            <Table.Th className={classes.wide}>{say('console.core.digest')}</Table.Th>
            <Table.Th className={classes.wide}>{say('console.core.created')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {steps.map((step) => (
            <StepRow key={step.number} step={step} selected={step.number === selected} />
          ))}
        </Table.Tbody>
      </Table>
    </>
  );
}

function StepRow({ step, selected }: { step: Step; selected: boolean }) {
  const row = useRef<HTMLTableRowElement>(null);
  useEffect(() => {
    if (selected) row.current?.scrollIntoView({ block: 'nearest' });
  }, [selected]);
  return (
    <Table.Tr ref={row} className={selected ? classes.selected : undefined} aria-current={selected || undefined}>
      <Table.Td className="number muted">{step.number}</Table.Td>
      <Table.Td>
        <code className={classes.instruction} title={step.raw}>
          {step.instruction}
        </code>
      </Table.Td>
      <Table.Td className="number">{step.empty ? <span className="muted">–</span> : <Size bytes={step.size} />}</Table.Td>
      <Table.Td className={classes.wide}>{step.digest ? <Digest value={step.digest} /> : <span className="muted">–</span>}</Table.Td>
      <Table.Td className={classes.wide}>
        <Time at={step.created} />
      </Table.Td>
    </Table.Tr>
  );
}
