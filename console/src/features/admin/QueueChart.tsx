import type { Workers } from '@/api/administration';
import { useWords } from '@/app/words';
import { Bars } from '@/ui/Bars';
import { ChartFrame } from '@/ui/ChartFrame';

type NamespaceQueue = Workers['namespaces'][number];

/** Builds that are not over, a bar per namespace: running ones filled, waiting ones hatched behind them. */
export function QueueChart({ queues }: { queues: NamespaceQueue[] }) {
  const say = useWords();
  if (queues.length === 0) return null;
  const sum = (pick: (queue: NamespaceQueue) => number) => queues.reduce((total, queue) => total + pick(queue), 0);
  const legend = { value: say('console.admin.workers.running'), rest: say('console.admin.workers.waiting') };
  return (
    <ChartFrame
      order={2}
      title={say('console.admin.workers.chart')}
      summary={say('console.admin.workers.chart_summary', { namespaces: queues.length, running: sum(({ running }) => running), waiting: sum(({ waiting }) => waiting) })}
      head={[say('console.core.namespace'), legend.value, legend.rest]}
      rows={queues.map(({ name, running, waiting }) => [name, running, waiting])}
    >
      <Bars bars={queues.map(({ name, running, waiting }) => ({ label: name, value: running, rest: waiting }))} legend={legend} />
    </ChartFrame>
  );
}
