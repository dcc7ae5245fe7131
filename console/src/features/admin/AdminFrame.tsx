import type { ReactNode } from 'react';
import { Page } from '@/app/Page';
import { useWords } from '@/app/words';
import { NavTabs } from '@/ui/NavTabs';

interface AdminFrameProps {
  /** The tab's own word, for the window's title. */
  tab: string;
  /** The primary button and its neighbours. */
  actions?: ReactNode;
  children: ReactNode;
}

/** Around each tab of 系统管理. */
export function AdminFrame({ tab, actions, children }: AdminFrameProps) {
  const say = useWords();
  const title = say('console.core.nav.admin');
  return (
    <Page title={title} windowTitle={[tab, title]} actions={actions}>
      <NavTabs
        label={title}
        items={[
          { label: say('console.admin.tab.users'), to: '/admin/users' },
          { label: say('console.admin.tab.namespaces'), to: '/admin/namespaces' },
          { label: say('console.admin.tab.storage'), to: '/admin/storage' },
          { label: say('console.admin.tab.workers'), to: '/admin/workers' },
          { label: say('console.admin.tab.health'), to: '/admin/health' },
          { label: say('console.admin.tab.settings'), to: '/admin/settings' },
        ]}
      />
      {children}
    </Page>
  );
}
