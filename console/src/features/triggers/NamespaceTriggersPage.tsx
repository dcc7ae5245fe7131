import { useSuspenseQuery } from '@tanstack/react-query';
import { namespaceQuery } from '@/api/namespaces';
import { Page } from '@/app/Page';
import { useWords } from '@/app/words';
import { TriggerList } from './TriggerList';

/** The triggers of a namespace: webhooks and messages about all of its images. */
export function NamespaceTriggersPage({ namespace }: { namespace: string }) {
  const say = useWords();
  const { may } = useSuspenseQuery(namespaceQuery(namespace)).data;
  const tab = say('console.triggers.title');
  return (
    <Page title={namespace} windowTitle={[tab, namespace]}>
      <TriggerList place={{ namespace }} manages={may.includes('manage_triggers')} />
    </Page>
  );
}
