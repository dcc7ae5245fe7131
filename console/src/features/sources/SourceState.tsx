import { IconCircleCheckFilled } from '@tabler/icons-react';
import type { Source } from '@/api/sources';
import { useWords } from '@/app/words';
import { StateBadge } from '@/ui/StateBadge';

/** Whether the account works there; why it does not is said below it, in a list by `Reason`. */
export function SourceState({ source }: { source: Source }) {
  const say = useWords();
  const { health } = source;
  if (!health.ok) return <StateBadge state="attention" />;
  return (
    <span className="nowrap" style={{ display: 'inline-flex', gap: 4, alignItems: 'center', color: 'var(--w-success)' }}>
      <IconCircleCheckFilled size={16} aria-hidden />
      {say('console.sources.works')}
    </span>
  );
}
