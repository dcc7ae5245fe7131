import { Button, Select } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useSuspenseInfiniteQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { lazy } from 'react';
import { type AuditEntry, auditEntryQuery, auditQuery, linkToAuditExport } from '@/api/activity';
import { joinPages } from '@/api/page';
import { useArrivals } from '@/app/arrivals';
import { useOverList } from '@/app/overList';
import '@/app/styles/forms';
import { type Say, useWords } from '@/app/words';
import { NamespaceSelect } from '@/features/namespaces/NamespaceSelect';
import { ByAddress } from '@/ui/ByAddress';
import { type Column, DataTable } from '@/ui/DataTable';
import { EmptyPlace } from '@/ui/EmptyPlace';
import { Filters } from '@/ui/Filters';
import { ButtonLink } from '@/ui/links';
import { LivePill } from '@/ui/LivePill';
import { MiddleCut } from '@/ui/MiddleCut';
import { Time } from '@/ui/Time';
import { TypedFilter } from '@/ui/TypedFilter';
import { ActivityFrame } from './ActivityFrame';
import { auditActions, nameAction } from './auditActions';
import { DayFilters } from './CommonFilters';
import { type AuditSearch, isFiltered, toAuditFilter } from './search';

const AuditDetails = lazy(() => import('./AuditDetails'));

interface AuditPageProps {
  search: AuditSearch;
  /** Whether the reader may read all of it, not only a namespace's part. */
  all: boolean;
}

/** 审计: who changed what, from where. */
export function AuditPage({ search, all }: AuditPageProps) {
  const say = useWords();
  const navigate = useNavigate({ from: '/activity/audit' });
  const query = auditQuery(toAuditFilter(search));
  const audit = useSuspenseInfiniteQuery(query);
  const rows = joinPages(audit.data);
  // A line that is there stays as it is.
  const topic = all ? 'administration' : search.ns && `namespace:${search.ns}`;
  const arrived = useArrivals({ topic, query, keyOf: (row) => row.id, isAbout: () => false });
  const line = useOverList<{ entry?: string }>({ entry: undefined });
  const tab = say('console.activity.tab.audit');
  const change = (part: AuditSearch) => navigate({ search: (before) => ({ ...before, ...part }), replace: true });
  const { entry: _, ...filters } = search;
  const { ns: __, ...narrowing } = filters;
  const filtered = isFiltered(all ? filters : narrowing);
  return (
    <ActivityFrame
      tab={tab}
      actions={
        <Button component="a" href={linkToAuditExport(toAuditFilter(search))} download variant="default" leftSection={<IconDownload size={16} aria-hidden />}>
          {say('console.activity.export')}
        </Button>
      }
    >
      <Filters active={Object.values(narrowing).filter(Boolean).length + (all && search.ns ? 1 : 0)}>
        {/* Only administrators see the log of all namespaces at once. */}
        <NamespaceSelect
          verb="read_audit"
          placeholder={say('console.core.all')}
          value={search.ns ?? null}
          onChange={(ns) => change({ ns: ns ?? undefined })}
          clearable={all}
          allowDeselect={all}
          w={{ base: '100%', sm: 180 }}
        />
        <TypedFilter label={say('console.activity.actor')} value={search.actor} onChange={(actor) => change({ actor })} />
        <Select
          label={say('console.activity.action')}
          placeholder={say('console.core.all')}
          data={auditActions.map((action) => ({ value: action, label: nameAction(say, action) }))}
          value={search.action ?? null}
          onChange={(action) => change({ action: action ?? undefined })}
          searchable
          clearable
          clearButtonProps={{ 'aria-label': say('console.core.clear') }}
          w={{ base: '100%', sm: 200 }}
        />
        <TypedFilter label={say('console.activity.object')} example="team/shop/web" value={search.object} onChange={(object) => change({ object })} />
        <DayFilters search={search} onSearch={change} />
      </Filters>
      <LivePill count={arrived.count} text={say('console.activity.arrived', { count: arrived.count })} action={say('console.core.show')} onShow={arrived.show} />
      {rows.length > 0 ? (
        <DataTable label={tab} columns={listColumns(say, ({ id }) => line.open({ entry: id }))} rows={rows} keyOf={(row) => row.id} more={audit} />
      ) : filtered ? (
        <EmptyPlace title={say('console.core.nothing_matches')}>
          <ButtonLink to="/activity/audit" search={{ ns: all ? undefined : search.ns }} variant="default">
            {say('console.core.clear_filters')}
          </ButtonLink>
        </EmptyPlace>
      ) : (
        <EmptyPlace title={say('console.activity.none')} text={say('console.activity.no_audit_text')} />
      )}
      {search.entry !== undefined && (
        <ByAddress known={rows.find(({ id }) => id === search.entry)} query={auditEntryQuery(search.entry, search.ns)} onClose={line.close}>
          {(entry) => <AuditDetails entry={entry} onClose={line.close} />}
        </ByAddress>
      )}
    </ActivityFrame>
  );
}

const listColumns = (say: Say, onOpen: (entry: AuditEntry) => void): Column<AuditEntry>[] => [
  { key: 'time', title: say('console.core.time'), cell: (row) => <Time at={row.at} mode="record" /> },
  { key: 'actor', title: say('console.activity.actor'), cut: true, cell: (row) => row.actor ? <MiddleCut text={row.actor} /> : <span className="muted">–</span> },
  { key: 'action', title: say('console.activity.action'), cell: (row) => <span title={row.action}>{nameAction(say, row.action)}</span> },
  { key: 'object', title: say('console.activity.object'), grows: true, cell: (row) => <MiddleCut text={row.target} /> },
  { key: 'address', title: say('console.activity.address'), from: 1200, cut: true, cell: (row) => <span className="mono" title={row.address}>{row.address}</span> },
  {
    key: 'details',
    title: say('console.activity.details'),
    cell: (row) => (
      <Button variant="subtle" size="compact-sm" aria-label={say('console.activity.details_of', { action: nameAction(say, row.action), object: row.target })} onClick={() => onOpen(row)}>
        {say('console.activity.details')}
      </Button>
    ),
  },
];
