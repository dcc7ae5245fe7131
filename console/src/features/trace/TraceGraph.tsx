import { useQuery } from '@tanstack/react-query';
import { deliveryTopic } from '@/api/deliveries';
import { traceKeys, traceQuery } from '@/api/trace';
import { useLiveQuery } from '@/app/events';
import { useWords } from '@/app/words';
import { ErrorState } from '@/ui/ErrorState';
import { cutCommit, cutDigest } from '@/ui/format/cut';
import { usePhone } from '@/ui/phone';
import { TableSkeleton } from '@/ui/skeletons';
import { layTrace } from './columns';
import { TraceColumnsView } from './TraceColumnsView';
import { TraceTimeline } from './TraceTimeline';

interface TraceGraphProps {
  /** The image's name. */
  name: string;
  /** A tag or a digest of it. */
  reference: string;
  /** Whether its reader may see what triggers do: who may not is told nothing of it, and asking ends the whole stream. */
  deliveries: boolean;
}

/** 流转: from the commit to what runs where now, live. Its page loads the words `trace`. */
export function TraceGraph({ name, reference, deliveries }: TraceGraphProps) {
  const say = useWords();
  const phone = usePhone();
  const { data: trace, error, refetch } = useQuery(traceQuery(name, reference));
  // Its builds are told with it.
  useLiveQuery(`repository:${name}`, traceKeys.of(name));
  useLiveQuery(deliveries ? deliveryTopic({ repository: name }) : undefined, traceKeys.of(name));
  // Clusters are asked while this waits, and may take their time.
  if (!trace) return error ? <ErrorState problem={error} retry={() => void refetch()} /> : <TableSkeleton rows={3} />;
  const columns = layTrace(trace, { commit: cutCommit, digest: cutDigest });
  return (
    <section aria-label={say('console.trace.title')}>
      {!trace.present && <p className="muted">{say('console.trace.absent')}</p>}
      {phone ? <TraceTimeline columns={columns} /> : <TraceColumnsView columns={columns} />}
    </section>
  );
}
