import { useSuspenseQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { triggerQuery } from '@/api/triggers';
import { Page } from '@/app/Page';
import { type Say, useWords } from '@/app/words';
import type { Crumb } from '@/ui/Crumbs';
import { DeliveryList } from './DeliveryList';
import { EditTrigger } from './EditTrigger';
import { linkToTriggers } from './links';
import { NewTrigger } from './NewTrigger';
import { RunByAddress } from './RunByAddress';
import type { DeliveriesSearch, RunSearch } from './search';
import { TriggerActions } from './TriggerActions';

// The same pages for the triggers of a namespace, which are about all of its images. The list itself is a tab of the namespace.

const listCrumbs = (namespace: string, say: Say): Crumb[] => [
  { label: say('console.core.nav.namespaces'), to: '/namespaces' },
  { label: namespace, to: '/namespaces/$namespace', params: { namespace } },
  { label: say('console.triggers.title'), to: '/namespaces/$namespace/triggers', params: { namespace } },
];

export function NewNamespaceTriggerPage({ namespace }: { namespace: string }) {
  const say = useWords();
  const title = say('console.triggers.add');
  return (
    <Page title={title} windowTitle={[title, namespace]} crumbs={listCrumbs(namespace, say)}>
      <NewTrigger place={{ namespace }} namespace={namespace} />
    </Page>
  );
}

export function EditNamespaceTriggerPage({ namespace, trigger, search }: { namespace: string; trigger: string; search: RunSearch }) {
  const say = useWords();
  const navigate = useNavigate();
  const place = { namespace };
  const shown = useSuspenseQuery(triggerQuery(place, trigger)).data;
  return (
    <Page
      title={trigger}
      windowTitle={[trigger, namespace]}
      crumbs={listCrumbs(namespace, say)}
      actions={<TriggerActions place={place} trigger={shown} onDeleted={() => void navigate(linkToTriggers(place))} />}
    >
      <EditTrigger place={place} namespace={namespace} trigger={trigger} />
      <RunByAddress place={place} search={search} known={[shown]} />
    </Page>
  );
}

interface NamespaceDeliveriesPageProps {
  namespace: string;
  search: DeliveriesSearch;
  onSearch: (part: DeliveriesSearch) => void;
}

export function NamespaceDeliveriesPage({ namespace, search, onSearch }: NamespaceDeliveriesPageProps) {
  const say = useWords();
  const title = say('console.triggers.deliveries');
  return (
    <Page title={title} windowTitle={[title, namespace]} crumbs={listCrumbs(namespace, say)}>
      <DeliveryList place={{ namespace }} search={search} onSearch={onSearch} />
    </Page>
  );
}
