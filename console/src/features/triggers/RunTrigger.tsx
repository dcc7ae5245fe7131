import { Button, Group, Modal, Select, Stack, Text } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { joinPages } from '@/api/page';
import { repositoriesQuery } from '@/api/repositories';
import { type Trigger, type TriggerPlace, useRunTrigger } from '@/api/triggers';
import { versionsQuery } from '@/api/versions';
import '@/app/styles/forms';
import '@/app/styles/overlays';
import { useWords } from '@/app/words';
import { ErrorState } from '@/ui/ErrorState';
import { useSettled } from '@/ui/settled';
import { DryRuns } from './DryRuns';
import { linkToDelivery } from './links';

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
  const [picked, setPicked] = useState<string | null>(place.repository ?? null);
  const [tag, setTag] = useState<string | null>(null);
  const [missing, setMissing] = useState(false);
  const images = useInfiniteQuery({ ...repositoriesQuery({ namespace: place.namespace }), enabled: place.namespace !== undefined });
  const names = images.data ? joinPages(images.data).map((image) => image.name) : [];
  const repository = place.repository ?? picked ?? names[0];

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!tag || !repository) {
      setMissing(true);
      return;
    }
    const done = await run.mutateAsync({ trigger: trigger.name, tag, repository }).catch(() => undefined);
    if (!done) return;
    onClose();
    const [first, ...others] = done.deliveries;
    if (first && others.length === 0) await navigate(linkToDelivery(done.repository, first.id));
    else await navigate({ to: '/images/$name/triggers/deliveries', params: { name: done.repository }, search: { trigger: trigger.name } });
  };
  return (
    <Modal opened onClose={onClose} title={say('console.triggers.run_named', { name: trigger.name })} centered closeOnClickOutside={false} closeButtonProps={{ 'aria-label': say('console.core.close') }}>
      <form onSubmit={submit}>
        <Stack gap="lg">
          <Text className="muted">{say('console.triggers.run_about')}</Text>
          {place.repository === undefined && (
            <Select label={say('console.triggers.trial_image')} data={names} value={repository ?? null} onChange={(name) => { setPicked(name); setTag(null); }} allowDeselect={false} searchable />
          )}
          {repository !== undefined && <TagSelect key={repository} repository={repository} value={tag} onChange={setTag} error={missing && !tag ? say('console.core.required') : undefined} />}
          {place.repository !== undefined && tag && <DryRuns repository={place.repository} trigger={trigger} tag={tag} />}
          {run.error && <ErrorState problem={run.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {say('console.core.cancel')}
            </Button>
            <Button type="submit" loading={run.isPending}>
              {say('console.triggers.run')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

interface TagSelectProps {
  repository: string;
  value: string | null;
  onChange: (tag: string | null) => void;
  error?: string;
}

/** A version, searched on the server as it is typed. */
function TagSelect({ repository, value, onChange, error }: TagSelectProps) {
  const say = useWords();
  const [typed, setTyped] = useState('');
  const q = useSettled(typed);
  const versions = useInfiniteQuery(versionsQuery(repository, { q: q && q !== value ? q : undefined }));
  const tags = versions.data ? joinPages(versions.data).map((version) => version.name) : [];
  return (
    <Select
      label={say('console.triggers.version')}
      data={value && !tags.includes(value) ? [value, ...tags] : tags}
      value={value}
      onChange={onChange}
      searchable
      onSearchChange={setTyped}
      filter={({ options }) => options}
      nothingFoundMessage={say('console.core.nothing_matches')}
      error={error}
      data-autofocus
    />
  );
}
