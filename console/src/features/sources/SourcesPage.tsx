import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useSuspenseInfiniteQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { joinPages } from '@/api/page';
import { type Source, sourceKeys, sourcesQuery } from '@/api/sources';
import { useLiveQuery } from '@/app/events';
import { Page } from '@/app/Page';
import { useWords } from '@/app/words';
import { type Column, DataTable } from '@/ui/DataTable';
import { EmptyPlace } from '@/ui/EmptyPlace';
import { ButtonLink, TextLink } from '@/ui/links';
import { MiddleCut } from '@/ui/MiddleCut';
import { PartBoundary } from '@/ui/PartBoundary';
import { Reason } from '@/ui/Reason';
import { hostOf, sayKind } from './kinds';
import { RuleCount } from './RuleCount';
import { SourceState } from './SourceState';

const Disconnect = lazy(() => import('./Disconnect'));
const Removals = lazy(() => import('./Removals'));

/** 源代码授权: the reader's accounts on code hosts, and what is left of those that went. */
export function SourcesPage() {
  const say = useWords();
  const list = useSuspenseInfiniteQuery(sourcesQuery());
  const rows = joinPages(list.data);
  useLiveQuery('sources', sourceKeys.all);
  const [leaving, setLeaving] = useState<Source>();
  const title = say('console.core.nav.sources');
  const add = (
    <ButtonLink to="/sources/-/new" search={{}} leftSection={<IconPlus size={16} aria-hidden />}>
      {say('console.sources.add')}
    </ButtonLink>
  );
  const columns: Column<Source>[] = [
    {
      key: 'source',
      title: say('console.sources.source'),
      cell: (source) => (
        <TextLink to="/sources/$source" params={{ source: source.id }}>
          {sayKind(source.kind, say)}
        </TextLink>
      ),
    },
    { key: 'address', title: say('console.sources.address'), grows: true, cell: (source) => <MiddleCut text={hostOf(source.address)} /> },
    { key: 'account', title: say('console.sources.account'), cell: (source) => source.account || <span className="muted">–</span> },
    { key: 'rules', title: say('console.sources.rules'), numeric: true, cell: (source) => <RuleCount source={source.id} /> },
    {
      key: 'state',
      title: say('console.sources.state'),
      cell: (source) => (
        <>
          <SourceState source={source} />
          <Reason>{source.health.message}</Reason>
        </>
      ),
    },
  ];
  return (
    <Page title={title} actions={rows.length > 0 && add}>
      {rows.length > 0 ? (
        <DataTable
          label={title}
          columns={columns}
          rows={rows}
          keyOf={(source) => source.id}
          actions={(source) => (
            <Button variant="subtle" color="danger" size="compact-sm" onClick={() => setLeaving(source)} aria-label={say('console.sources.disconnect_named', { name: hostOf(source.address) })}>
              {say('console.sources.disconnect')}
            </Button>
          )}
          more={list}
        />
      ) : (
        <EmptyPlace title={say('console.sources.none')} text={say('console.sources.none_text')}>
          {add}
        </EmptyPlace>
      )}
      <PartBoundary>
        <Suspense fallback={null}>
          <Removals />
        </Suspense>
      </PartBoundary>
      {leaving && (
        <Suspense fallback={null}>
          <Disconnect source={leaving} onClose={() => setLeaving(undefined)} onDone={() => setLeaving(undefined)} />
        </Suspense>
      )}
    </Page>
  );
}
