import { DataList } from '@mantine/core';
import type { ReactNode } from 'react';
import '@/app/styles/facts';

/** What is known of one thing: `<Facts><Fact label="Size">…</Fact></Facts>`. */
export function Facts({ children }: { children: ReactNode }) {
  return <DataList my="md">{children}</DataList>;
}

/** One of them; left out where there is nothing to say. */
export function Fact({ label, children }: { label: string; children: ReactNode }) {
  if (children === undefined || children === null || children === false || children === '') return null;
  return (
    <DataList.Item>
      <DataList.ItemLabel>{label}</DataList.ItemLabel>
      <DataList.ItemValue>{children}</DataList.ItemValue>
    </DataList.Item>
  );
}
