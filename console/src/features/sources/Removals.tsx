import { Button, Title } from '@mantine/core';
import { useSuspenseInfiniteQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { joinPages } from '@/api/page';
import { useSession } from '@/api/session';
import { type Removal, removalsQuery } from '@/api/sources';
import { type Say, useWords } from '@/app/words';
import { type Column, DataTable } from '@/ui/DataTable';
import { MiddleCut } from '@/ui/MiddleCut';
import { Reason } from '@/ui/Reason';
import { Time } from '@/ui/Time';
import { hostOf } from './kinds';

const DismissRemoval = lazy(() => import('./DismissRemoval'));

/** What is still at code hosts after accounts were disconnected. Nothing where nothing is. */
export default function Removals() {
  const say = useWords();
  const list = useSuspenseInfiniteQuery(removalsQuery());
  const rows = joinPages(list.data);
  const own = useSession().user?.username;
  const [leaving, setLeaving] = useState<Removal>();
  const title = say('console.sources.removals');
  return (
    <>
      {rows.length > 0 && (
        <section aria-labelledby="removals" style={{ marginTop: 32 }}>
          <Title order={2} id="removals" mb="xs">
            {title}
          </Title>
          <p className="muted" style={{ margin: '0 0 8px' }}>
            {say('console.sources.removals_text')}
          </p>
          <DataTable
            label={title}
            columns={listColumns(rows.some((removal) => removal.username !== own), say)}
            rows={rows}
            keyOf={(removal) => removal.id}
            actions={(removal) => (
              <Button variant="subtle" color="danger" size="compact-sm" onClick={() => setLeaving(removal)} aria-label={say('console.sources.dismiss_named', { name: removal.remote })}>
                {say('console.sources.dismiss')}
              </Button>
            )}
            more={list}
          />
        </section>
      )}
      {leaving && (
        <Suspense fallback={null}>
          <DismissRemoval removal={leaving} onClose={() => setLeaving(undefined)} />
        </Suspense>
      )}
    </>
  );
}

const listColumns = (everybody: boolean, say: Say): Column<Removal>[] => [
  { key: 'address', title: say('console.sources.address'), cell: (removal) => <MiddleCut text={hostOf(removal.address)} /> },
  { key: 'remote', title: say('console.sources.repository'), grows: true, cell: (removal) => <MiddleCut text={removal.remote} /> },
  { key: 'what', title: say('console.sources.removal_what'), cell: (removal) => `${removal.what === 'webhook' ? 'Webhook' : removal.what} ${removal.host_id}` },
  ...(everybody ? [{ key: 'user', title: say('console.sources.removal_owner'), cell: (removal: Removal) => removal.username }] : []),
  {
    key: 'failed',
    title: say('console.sources.removal_failed'),
    cell: (removal) => (removal.detail ? <Reason>{removal.detail}</Reason> : <span className="muted">{say('console.sources.removal_waiting')}</span>),
  },
  {
    key: 'next',
    title: say('console.sources.removal_next'),
    cell: (removal) => (removal.given_up ? say('console.sources.removal_over') : <Time at={removal.next_at} />),
  },
];
