import type { Build } from '@/api/builds';
import { useLanguage } from '@/app/words';
import { formatDuration } from '@/ui/format/duration';
import { useNow } from '@/ui/now';

/** How long a build took; of one that runs, how long it does already. */
export function BuildDuration({ build }: { build: Build }) {
  const language = useLanguage();
  const now = useNow();
  if (build.duration_ms !== undefined && build.duration_ms !== null) return <>{formatDuration(build.duration_ms, language)}</>;
  if (!build.started_at || build.state !== 'running') return <span className="muted">–</span>;
  return <>{formatDuration(Math.max(0, now - new Date(build.started_at).getTime()), language)}</>;
}
