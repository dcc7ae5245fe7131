import { useQueryClient, useSuspenseQuery } from '@tanstack/react-query';
import { traceKeys, traceQuery } from '@/api/trace';
import { useTopic } from '@/app/events';
import { useWords } from '@/app/words';
import { cutCommit, cutDigest } from '@/ui/format/cut';
import { usePhone } from '@/ui/phone';
import { layTrace } from './columns';
import { TraceColumnsView } from './TraceColumnsView';
import { TraceTimeline } from './TraceTimeline';

interface TraceGraphProps {
  /** The image's name. */
  name: string;
  /** A tag or a digest of it. */
  reference: string;
}

/** 流转: from the commit to what runs where now, live. Its page loads the words `trace`, and `traceQuery` where it can. */
export function TraceGraph({ name, reference }: TraceGraphProps) {
  const say = useWords();
  const phone = usePhone();
  const queries = useQueryClient();
  const trace = useSuspenseQuery(traceQuery(name, reference)).data;
  const again = () => void queries.invalidateQueries({ queryKey: traceKeys.of(name) });
  useTopic(`repository:${name}`, again);
  useTopic(`deliveries:${name}`, again);
  useTopic(`builds:${name}`, again);
  const columns = layTrace(trace, { commit: cutCommit, digest: cutDigest });
  return (
    <section aria-label={say('console.trace.title')}>
      {!trace.present && <p className="muted">{say('console.trace.absent')}</p>}
      {phone ? <TraceTimeline columns={columns} /> : <TraceColumnsView columns={columns} />}
    </section>
  );
}
