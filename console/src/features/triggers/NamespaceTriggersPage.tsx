import { useSuspenseQuery } from '@tanstack/react-query';
import { namespaceQuery } from '@/api/namespaces';
import { useWords } from '@/app/words';
import { NamespaceFrame } from '@/features/namespaces/NamespaceFrame';
import type { RunSearch } from './search';
import { TriggerList } from './TriggerList';

/** The tab 触发器 of a namespace: webhooks and messages about all of its images. */
export function NamespaceTriggersPage({ namespace, search }: { namespace: string; search: RunSearch }) {
  const say = useWords();
  const { may } = useSuspenseQuery(namespaceQuery(namespace)).data;
  const tab = say('console.namespaces.tab.triggers');
  return (
    <NamespaceFrame namespace={namespace} tab={tab}>
      <TriggerList place={{ namespace }} namespace={namespace} manages={may.includes('manage_triggers')} search={search} />
    </NamespaceFrame>
  );
}
