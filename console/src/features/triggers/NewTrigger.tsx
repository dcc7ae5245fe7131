import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { type ChangedTrigger, type TriggerPlace, useCreateTrigger } from '@/api/triggers';
import { useLanguage } from '@/app/words';
import { newTrigger, writeTrigger } from './draft';
import { linkToTriggers } from './links';
import { hasNews } from './news';
import { TriggerForm } from './TriggerForm';

const SavedTrigger = lazy(() => import('./SavedTrigger'));

/** 添加触发器. */
export function NewTrigger({ place, namespace }: { place: TriggerPlace; namespace: string }) {
  const language = useLanguage();
  const navigate = useNavigate();
  const create = useCreateTrigger(place);
  const [made, setMade] = useState<ChangedTrigger>();
  const [initial] = useState(() => newTrigger(place.repository === undefined ? 'webhook' : 'workload', language));
  const leave = () => navigate(linkToTriggers(place));
  return (
    <>
      <TriggerForm
        place={place}
        namespace={namespace}
        initial={initial}
        pending={create.isPending}
        onSave={async (draft) => {
          const trigger = await create.mutateAsync(writeTrigger(draft));
          if (hasNews(trigger)) setMade(trigger);
          else await leave();
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
