// How many builds wait in each namespace.
import type { Queue } from '@/api/builds';
import type { Bar } from '@/ui/Bars';

/** Most first; those of namespaces that the reader may not see are one bar, the last. */
export function countWaiting(waiting: Queue['waiting'], others: string): Bar[] {
  const counts = new Map<string, number>();
  let unknown = 0;
  for (const { build } of waiting) {
    const namespace = build?.repository.split('/')[0];
    if (namespace === undefined) unknown += 1;
    else counts.set(namespace, (counts.get(namespace) ?? 0) + 1);
  }
  const bars = [...counts].map(([label, value]) => ({ label, value })).toSorted((a, b) => b.value - a.value);
  return unknown > 0 ? [...bars, { label: others, value: unknown }] : bars;
}
