import { useSuspenseQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { namespaceKeys, namespaceQuery } from '@/api/namespaces';
import { useLiveQuery } from '@/app/events';
import { Page } from '@/app/Page';
import { sayRole } from '@/app/roles';
import { useWords } from '@/app/words';
import { NavTabs, type Tab } from '@/ui/NavTabs';

interface NamespaceFrameProps {
  namespace: string;
  /** The tab's own word, for the window's title. */
  tab: string;
  /** The primary button and its neighbours. */
  actions?: ReactNode;
  children: ReactNode;
}

/** Around each tab of a namespace: its name, what the reader is to it, and the way to the other tabs. */
export function NamespaceFrame({ namespace: name, tab, actions, children }: NamespaceFrameProps) {
  const say = useWords();
  const namespace = useSuspenseQuery(namespaceQuery(name)).data;
  useLiveQuery(`namespace:${name}`, namespaceKeys.one(name), ['namespace.', 'member.', 'repository.']);
  const params = { namespace: name };
  const may = new Set(namespace.may);
  // In this order: images, members, robots, credentials, triggers, statistics, settings.
  const tabs: (Tab | false)[] = [
    { label: say('console.namespaces.tab.images'), to: '/namespaces/$namespace/images', params },
    { label: say('console.namespaces.tab.members'), to: '/namespaces/$namespace/members', params },
    may.has('manage_robots') && { label: say('console.namespaces.tab.robots'), to: '/namespaces/$namespace/robots', params },
    may.has('manage_credentials') && { label: say('console.namespaces.tab.credentials'), to: '/namespaces/$namespace/credentials', params },
    may.has('view_triggers') && { label: say('console.namespaces.tab.triggers'), to: '/namespaces/$namespace/triggers', params },
    may.has('edit') && { label: say('console.namespaces.tab.stats'), to: '/namespaces/$namespace/stats', params },
    may.has('edit') && { label: say('console.namespaces.tab.settings'), to: '/namespaces/$namespace/settings', params },
  ];
  return (
    <Page
      title={name}
      windowTitle={[tab, name]}
      crumbs={[{ label: say('console.core.nav.namespaces'), to: '/namespaces' }]}
      beside={namespace.role && <span className="muted nowrap">{sayRole(namespace.role, say)}</span>}
      actions={actions}
    >
      <NavTabs label={name} items={tabs.filter((each) => each !== false)} />
      {children}
    </Page>
  );
}
