import { useQueryClient, useSuspenseQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { isProblem } from '@/api/problem';
import { type ChangedTrigger, type Trigger, type TriggerPlace, triggerQuery, useEditTrigger } from '@/api/triggers';
import { ChangedMeanwhile } from '@/ui/ChangedMeanwhile';
import { DisabledActions } from './DisabledActions';
import { readTrigger, writeChanges } from './draft';
import { linkToTriggers } from './links';
import { hasNews } from './news';
import { TriggerForm } from './TriggerForm';
import classes from './triggers.module.css';

const SavedTrigger = lazy(() => import('./SavedTrigger'));

interface EditTriggerProps {
  place: TriggerPlace;
  namespace: string;
  trigger: string;
}

/** A trigger that is there. What somebody else saved meanwhile is not written over. */
export function EditTrigger({ place, namespace, trigger: name }: EditTriggerProps) {
  const navigate = useNavigate();
  const queries = useQueryClient();
  const latest = useSuspenseQuery(triggerQuery(place, name)).data;
  const edit = useEditTrigger(place);
  const [opened, setOpened] = useState<Trigger>(latest);
  const [made, setMade] = useState<ChangedTrigger>();
  const leave = () => navigate(linkToTriggers(place));
  const load = async () => setOpened(await queries.fetchQuery({ ...triggerQuery(place, name), staleTime: 0 }));

  return (
    <>
      {latest.version > opened.version && !edit.isPending && !made && (
        <div className={classes.above}>
          <ChangedMeanwhile user={latest.changed_by} onLoad={() => void load()} />
        </div>
      )}
      <DisabledActions place={place} trigger={latest} />
      <TriggerForm
        key={opened.version}
        place={place}
        namespace={namespace}
        initial={readTrigger(opened)}
        pending={edit.isPending}
        fixed={!latest.may.includes('edit')}
        onSave={async (draft) => {
          try {
            const trigger = await edit.mutateAsync({ trigger: name, changes: writeChanges(draft, opened.version) });
            if (hasNews(trigger)) setMade(trigger);
            else await leave();
          } catch (error) {
            if (isProblem(error, 'conflict')) await queries.invalidateQueries({ queryKey: triggerQuery(place, name).queryKey });
            throw error;
          }
        }}
      />
      {made && (
        <Suspense fallback={null}>
          <SavedTrigger trigger={made} onClose={() => void leave()} />
        </Suspense>
      )}
    </>
  );
}
