import { Progress, Table, Title } from '@mantine/core';
import type { RolloutProgress } from '@/api/deliveries';
import '@/app/styles/facts';
import { useWords } from '@/app/words';
import { Notice } from '@/ui/Notice';
import { Time } from '@/ui/Time';
import classes from './triggers.module.css';
import { readTrouble } from './trouble';

interface RolloutViewProps {
  progress: RolloutProgress;
  /** It is still followed. */
  live: boolean;
}

/** How a rollout stands: pods of the new image of all that shall be, what is in the way, and until when it is waited for. */
export function RolloutView({ progress, live }: RolloutViewProps) {
  const say = useWords();
  const { desired, updated, available } = progress;
  const trouble = readTrouble(progress.trouble);
  const share = (part: number) => (desired > 0 ? Math.min(100, (part / desired) * 100) : live ? 0 : 100);
  const title = say(progress.phase === 'rolling_back' ? 'console.triggers.rolling_back' : 'console.triggers.rollout');
  return (
    <section aria-labelledby="rollout">
      <Title order={2} id="rollout" mb="sm">
        {title}
      </Title>
      <p className={classes.rolloutSummary} aria-live="polite">
        {say('console.triggers.updated', { updated, desired })} · {say('console.triggers.available', { available })}
      </p>
      <Progress.Root size="lg" maw={480} aria-hidden>
        <Progress.Section value={share(Math.min(available, updated))} color="var(--w-success)" />
        <Progress.Section value={share(Math.max(0, updated - available))} color="var(--w-running)" striped />
      </Progress.Root>
      <p className="muted" style={{ margin: '8px 0 0' }}>
        {progress.message}
      </p>
      {trouble && (
        <div className={classes.below}>
          <Notice tone="warning" title={[trouble.word, trouble.pod].filter(Boolean).join(' · ')}>
          {trouble.said && <code className={classes.said}>{trouble.said}</code>}
          {trouble.events.length > 0 && (
            <Table aria-label={say('console.triggers.cluster_events')} className={classes.events}>
              <Table.Tbody>
                {trouble.events.map((event) => (
                  <Table.Tr key={`${event.at} ${event.word} ${event.said}`}>
                    <Table.Td className="nowrap">
                      <Time at={event.at || null} mode="record" />
                    </Table.Td>
                    <Table.Td className="nowrap">
                      {event.word}
                      {event.count > 1 && ` ×${event.count}`}
                    </Table.Td>
                    <Table.Td>{event.said}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          )}
          </Notice>
        </div>
      )}
      <dl className={classes.factList}>
        <div className={classes.factItem}>
          <dt>{say('console.triggers.new_image')}</dt>
          <dd>
            <code className={classes.long}>{progress.image}</code>
          </dd>
        </div>
        {progress.previous && (
          <div className={classes.factItem}>
            <dt>{say('console.triggers.previous_image')}</dt>
            <dd>
              <code className={classes.long}>{progress.previous}</code>
            </dd>
          </div>
        )}
        {live && (
          <div className={classes.factItem}>
            <dt>{say('console.triggers.deadline')}</dt>
            <dd>
              <Time at={progress.deadline} mode="record" />
            </dd>
          </div>
        )}
      </dl>
    </section>
  );
}
