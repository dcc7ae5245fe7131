import type { Build, Queue } from '@/api/builds';
import { useLanguage, useWords } from '@/app/words';
import { formatRelative } from '@/ui/format/time';
import { useNow } from '@/ui/now';
import { StateBadge } from '@/ui/StateBadge';
import { buildState } from './buildState';

/** The state, and below it what a reader wants to know next: when it begins, whether it is being stopped. Why it failed is said beside it. */
export function BuildStateCell({ build, place }: { build: Build; place?: Queue['waiting'][number] }) {
  const say = useWords();
  return (
    <span>
      <StateBadge state={buildState(build)} />
      {build.stopping && <div className="muted">{say('console.builds.stopping')}</div>}
      {build.state === 'queued' && place && <Place place={place} />}
    </span>
  );
}

function Place({ place }: { place: Queue['waiting'][number] }) {
  const say = useWords();
  const language = useLanguage();
  const now = useNow();
  const position = say('console.builds.position', { position: place.position });
  if (!place.expected_start) return <div className="muted">{position}</div>;
  const start = formatRelative(new Date(place.expected_start), new Date(now), language);
  return <div className="muted">{say('console.builds.position_expected', { position: place.position, start })}</div>;
}
