import { Button, Table, Text } from '@mantine/core';
import { IconCheck, IconMinus } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { trialQuery, type TriggerEvent, type TriggerPlace, type TriggerTrial } from '@/api/triggers';
import { type Say, useWords } from '@/app/words';
import { formatCount } from '@/ui/format/count';
import { useSettled } from '@/ui/settled';
import { Simulator } from '@/ui/Simulator';
import { Time } from '@/ui/Time';
import { isBuildEvent, type TriggerDraft, writeCondition } from './draft';
import { splitMarked } from './marking';
import { ImageSelect } from './SearchedSelects';
import classes from './triggers.module.css';
import { eventWords } from './words';

/** The last pushes that are shown: more are read by nobody beside a form. */
const LAST = 20;
/** Versions that are shown before somebody asks for all. */
const FIRST = 20;

interface ConditionTrialProps {
  place: TriggerPlace;
  condition: TriggerDraft['condition'];
  events: TriggerEvent[];
}

/** What the condition chooses of the versions that are there, and which of the last pushes it would have acted on. */
export function ConditionTrial({ place, condition, events }: ConditionTrialProps) {
  const say = useWords();
  const [picked, setPicked] = useState<string | null>(null);
  const repository = place.repository ?? picked ?? undefined;

  const tried = useSettled({ condition: writeCondition(condition), events: events.filter((event) => !isBuildEvent(event)) });
  const sensible = tried.condition.kind === 'all' || tried.condition.text !== '';
  const aboutPushes = tried.events.length > 0;
  const trial = useQuery({
    ...trialQuery(repository ?? '', tried.condition, tried.events),
    enabled: repository !== undefined && sensible && aboutPushes,
    placeholderData: keepPreviousData,
  });
  const shown = sensible && aboutPushes ? trial.data : undefined;
  return (
    <Simulator
      title={say('console.triggers.trial')}
      summary={shown && !trial.error ? sayMatches(shown, say) : undefined}
      pending={trial.isFetching}
      problem={sensible && aboutPushes ? trial.error : undefined}
      sample={
        place.repository === undefined && (
          <ImageSelect namespace={place.namespace} value={picked} onChange={setPicked} mt="sm" />
        )
      }
    >
      {!aboutPushes && <Text className="muted">{say('console.triggers.trial_builds')}</Text>}
      {aboutPushes && !sensible && <Text className="muted">{say('console.triggers.trial_empty')}</Text>}
      {shown && <Results trial={shown} marks={tried.condition.kind !== 'all'} />}
    </Simulator>
  );
}

function sayMatches(trial: TriggerTrial, say: Say) {
  const matches = trial.tags.filter((tried) => tried.matches).length;
  const total = `${formatCount(trial.tags.length)}${trial.more ? '+' : ''}`;
  return say('console.triggers.matches', { matches: formatCount(matches), total });
}

interface ResultsProps {
  trial: TriggerTrial;
  /** Whether it says something which part was found. */
  marks: boolean;
}

function Results({ trial, marks }: ResultsProps) {
  const say = useWords();
  const [all, setAll] = useState(false);
  const tags = all ? trial.tags : trial.tags.slice(0, FIRST);
  const pushes = trial.pushes.slice(0, LAST);
  return (
    <>
      {trial.tags.length === 0 && <Text className="muted">{say('console.triggers.trial_no_versions')}</Text>}
      <ul className={classes.tried} aria-label={say('console.triggers.trial_versions')}>
        {tags.map((tried) => (
          <li key={tried.tag} className={classes.triedRow} data-matches={tried.matches}>
            <Mark matches={tried.matches} />
            <MarkedTag tag={tried.tag} part={marks ? tried.part : null} />
          </li>
        ))}
      </ul>
      {tags.length < trial.tags.length && (
        <Button variant="subtle" size="compact-sm" onClick={() => setAll(true)}>
          {say('console.triggers.trial_all', { count: formatCount(trial.tags.length) })}
        </Button>
      )}
      {pushes.length > 0 && (
        <Table mt="md" aria-label={say('console.triggers.trial_pushes')} className={classes.pushes}>
          <Table.Caption className={classes.caption}>{say('console.triggers.trial_pushes')}</Table.Caption>
          <Table.Tbody>
            {pushes.map((push) => (
              <Table.Tr key={`${push.tag} ${push.at} ${push.event}`} data-matches={push.matches}>
                <Table.Td className={classes.pushMark}>
                  <Mark matches={push.matches} />
                </Table.Td>
                <Table.Td className={classes.pushTag}>
                  <MarkedTag tag={push.tag} part={marks && push.matches ? push.part : null} />
                </Table.Td>
                <Table.Td className="muted nowrap">{say(eventWords[push.event])}</Table.Td>
                <Table.Td className="muted nowrap">
                  <Time at={push.at} />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </>
  );
}

function Mark({ matches }: { matches: boolean }) {
  const say = useWords();
  const Icon = matches ? IconCheck : IconMinus;
  return <Icon size={16} role="img" aria-label={say(matches ? 'console.triggers.match' : 'console.triggers.no_match')} color={matches ? 'var(--w-success)' : 'var(--w-idle)'} style={{ flex: 'none' }} />;
}

function MarkedTag({ tag, part }: { tag: string; part: readonly number[] | null | undefined }) {
  const [before, found, behind] = splitMarked(tag, part);
  return (
    <code className={classes.tag} title={tag}>
      {before}
      {found && <mark className={classes.mark}>{found}</mark>}
      {behind}
    </code>
  );
}
