import { Button, Text } from '@mantine/core';
import { useSuspenseQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { type OwnSession, ownSessionsQuery } from '@/api/sessions';
import { Page } from '@/app/Page';
import { type Say, useWords } from '@/app/words';
import { type Column, DataTable } from '@/ui/DataTable';
import { Time } from '@/ui/Time';
import { nameBrowser } from './browser';

const EndSessions = lazy(() => import('./EndSessions'));

/** 登录会话: the browsers in which this account is signed in, and the way to end that. */
export function SessionsPage() {
  const say = useWords();
  const { data: rows } = useSuspenseQuery(ownSessionsQuery);
  const [ending, setEnding] = useState<OwnSession[]>();
  const others = rows.filter(({ current }) => !current);
  const title = say('console.core.sessions');
  const endOthers = (
    <Button variant="default" onClick={() => setEnding(others)}>
      {say('console.account.end_others')}
    </Button>
  );
  return (
    <Page title={title} actions={others.length > 0 && endOthers}>
      <DataTable
        label={title}
        columns={listColumns(say)}
        rows={rows}
        keyOf={(session) => session.id}
        actions={(session) =>
          !session.current && (
            <Button variant="subtle" color="danger" c="var(--w-failed)" aria-label={say('console.account.end_named', { name: nameSession(session, say) })} onClick={() => setEnding([session])}>
              {say('console.account.end_session')}
            </Button>
          )
        }
      />
      <Suspense fallback={null}>{ending && <EndSessions sessions={ending} onClose={() => setEnding(undefined)} />}</Suspense>
    </Page>
  );
}

const nameSession = ({ user_agent: agent }: OwnSession, say: Say) => nameBrowser(agent) || say('console.account.session_unknown');

const listColumns = (say: Say): Column<OwnSession>[] => [
  {
    key: 'browser',
    title: say('console.account.session_browser'),
    grows: true,
    cell: (session) => (
      <span title={session.user_agent}>
        {nameSession(session, say)}
        {session.current && (
          <Text span c="dimmed" ml="sm">
            {say('console.account.session_current')}
          </Text>
        )}
      </span>
    ),
  },
  { key: 'address', title: say('console.account.session_address'), cell: ({ address }) => <code>{address}</code> },
  { key: 'began', title: say('console.account.session_began'), cell: (session) => <Time at={session.created_at} /> },
  { key: 'seen', title: say('console.account.session_seen'), cell: (session) => <Time at={session.last_seen_at} /> },
  { key: 'ends', title: say('console.account.session_ends'), from: 1200, cell: (session) => <Time at={session.expires_at} mode="record" /> },
];
