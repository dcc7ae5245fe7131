import { useSuspenseQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { repositoryQuery } from '@/api/repositories';
import { triggerQuery } from '@/api/triggers';
import { Page } from '@/app/Page';
import { useWords } from '@/app/words';
import { listTriggerCrumbs } from './crumbs';
import { EditTrigger } from './EditTrigger';
import { linkToTriggers } from './links';
import { RunByAddress } from './RunByAddress';
import type { RunSearch } from './search';
import { TriggerActions } from './TriggerActions';

/** A trigger of an image. */
export function EditTriggerPage({ name, trigger, search }: { name: string; trigger: string; search: RunSearch }) {
  const say = useWords();
  const navigate = useNavigate();
  const place = { repository: name };
  const image = useSuspenseQuery(repositoryQuery(name)).data;
  const shown = useSuspenseQuery(triggerQuery(place, trigger)).data;
  return (
    <Page
      title={trigger}
      windowTitle={[trigger, name]}
      crumbs={listTriggerCrumbs(image, say)}
      actions={<TriggerActions place={place} trigger={shown} onDeleted={() => void navigate(linkToTriggers(place))} />}
    >
      <EditTrigger place={place} namespace={image.namespace} trigger={trigger} />
      <RunByAddress place={place} search={search} known={[shown]} />
    </Page>
  );
}
