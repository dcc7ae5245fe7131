import type { ReactNode } from 'react';
import { Page } from '@/app/Page';
import { useWords } from '@/app/words';
import { NavTabs } from '@/ui/NavTabs';

interface ActivityFrameProps {
  /** The tab's own word, for the window's title. */
  tab: string;
  actions?: ReactNode;
  children: ReactNode;
}

/** Around each tab of 动态. */
export function ActivityFrame({ tab, actions, children }: ActivityFrameProps) {
  const say = useWords();
  const title = say('console.core.nav.activity');
  return (
    <Page title={title} windowTitle={[tab, title]} actions={actions}>
      <NavTabs
        label={title}
        items={[
          { label: say('console.activity.tab.events'), to: '/activity/events' },
          { label: say('console.activity.tab.audit'), to: '/activity/audit' },
          { label: say('console.activity.tab.queue'), to: '/activity/queue' },
        ]}
      />
      {children}
    </Page>
  );
}
