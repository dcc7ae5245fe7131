import { Text } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { type Trigger, type TriggerPlace, useRunTrigger } from '@/api/triggers';
import { FormOverlay } from '@/app/Overlay';
import { useWords } from '@/app/words';
import { ErrorState } from '@/ui/ErrorState';
import { Notice } from '@/ui/Notice';
import { DryRuns } from './DryRuns';
import { linkToDelivery } from './links';
import { ImageSelect, TagSelect } from './SearchedSelects';

interface RunTriggerProps {
  place: TriggerPlace;
  trigger: Trigger;
  onClose: () => void;
}

/** Runs a trigger now, for a version that is there; before that the clusters can be asked what would change. */
export default function RunTrigger({ place, trigger, onClose }: RunTriggerProps) {
  const say = useWords();
  const navigate = useNavigate();
  const run = useRunTrigger(place);
  const [repository, setRepository] = useState<string | null>(place.repository ?? null);
  const [tag, setTag] = useState<string | null>(null);
  const [missing, setMissing] = useState(false);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!tag || !repository) {
      setMissing(true);
      return;
    }
    const done = await run.mutateAsync({ trigger: trigger.name, tag, repository }).catch(() => undefined);
    if (!done) return;
    const [first, ...others] = done.deliveries;
    if (first && others.length === 0) await navigate({ ...linkToDelivery(done.repository, first.id), replace: true });
    else await navigate({ to: '/images/$name/triggers/deliveries', params: { name: done.repository }, search: { trigger: trigger.name }, replace: true });
  };
  return (
    <FormOverlay
      title={say('console.triggers.run_named', { name: trigger.name })}
      onClose={onClose}
      onSubmit={submit}
      submit={say('console.triggers.run')}
      saves={run}
      changed={tag !== null}
    >
      <Text className="muted">{say('console.triggers.run_about')}</Text>
      {!trigger.enabled && <Notice tone="warning" title={say('console.triggers.run_disabled')} />}
      {place.repository === undefined && (
        <ImageSelect
          namespace={place.namespace}
          value={repository}
          onChange={(name) => {
            setRepository(name);
            setTag(null);
          }}
        />
      )}
      {repository !== null && <TagSelect key={repository} repository={repository} value={tag} onChange={setTag} error={missing && !tag ? say('console.core.required') : undefined} />}
      {place.repository !== undefined && tag && <DryRuns repository={place.repository} trigger={trigger} tag={tag} />}
      {run.error && <ErrorState problem={run.error} />}
    </FormOverlay>
  );
}
