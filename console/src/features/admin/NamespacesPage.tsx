import { Group, Text } from '@mantine/core';
import { useSuspenseInfiniteQuery, useSuspenseQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type NamespaceUsage, namespaceUsageQuery, workersQuery } from '@/api/administration';
import { joinPages } from '@/api/page';
import { useLiveQuery } from '@/app/events';
import { type Say, useWords } from '@/app/words';
import { type Column, DataTable } from '@/ui/DataTable';
import { EmptyPlace } from '@/ui/EmptyPlace';
import { FilterInput } from '@/ui/FilterInput';
import { formatCount } from '@/ui/format/count';
import { ButtonLink, TextLink } from '@/ui/links';
import { MiddleCut } from '@/ui/MiddleCut';
import { NameCell } from '@/ui/NameCell';
import { Size } from '@/ui/Size';
import { Time } from '@/ui/Time';
import { AdminFrame } from './AdminFrame';
import type { NamespacesSearch } from './search';

/** Owners that are named in a row: more make it higher than its neighbours. */
const NAMED = 3;

/** 命名空间: all of them, whoever owns them, and what each may do at once. */
export function NamespacesPage({ search }: { search: NamespacesSearch }) {
  const say = useWords();
  const query = namespaceUsageQuery(search.q);
  const namespaces = useSuspenseInfiniteQuery(query);
  const rows = joinPages(namespaces.data);
  const navigate = useNavigate({ from: '/admin/namespaces' });
  useLiveQuery('administration', query.queryKey, ['namespace.', 'member.', 'repository.']);
  const limits = useSuspenseQuery(workersQuery).data;
  const title = say('console.admin.tab.namespaces');
  return (
    <AdminFrame tab={title}>
      <Text c="dimmed" mb="md">
        {say('console.admin.namespaces.limits', { running: limits.namespace_concurrency, waiting: limits.namespace_queue })}{' '}
        <TextLink to="/admin/settings" search={{ edit: 'build' }} underline="always">
          {say('console.admin.namespaces.edit_limits')}
        </TextLink>
      </Text>
      <Group mb="md">
        <FilterInput label={say('console.admin.namespaces.filter')} value={search.q} onChange={(q) => void navigate({ search: { q }, replace: true })} />
      </Group>
      {rows.length === 0 ? (
        <EmptyPlace title={say('console.core.nothing_matches')}>
          <ButtonLink to="/admin/namespaces" variant="default">
            {say('console.core.clear_filters')}
          </ButtonLink>
        </EmptyPlace>
      ) : (
        <DataTable label={title} columns={listColumns(say)} rows={rows} keyOf={(namespace) => namespace.name} more={namespaces} />
      )}
    </AdminFrame>
  );
}

const listColumns = (say: Say): Column<NamespaceUsage>[] => [
  {
    key: 'name',
    title: say('console.core.namespace'),
    grows: true,
    cell: (namespace) => (
      <NameCell description={namespace.description}>
        <TextLink to="/namespaces/$namespace" params={{ namespace: namespace.name }}>
          <MiddleCut text={namespace.name} />
        </TextLink>
      </NameCell>
    ),
  },
  { key: 'owners', title: say('console.admin.namespaces.owners'), cell: (namespace) => <Owners names={namespace.owners} /> },
  { key: 'images', title: say('console.admin.namespaces.images'), numeric: true, cell: (namespace) => formatCount(namespace.repository_count) },
  { key: 'versions', title: say('console.admin.namespaces.versions'), numeric: true, from: 1000, cell: (namespace) => (namespace.tags === null ? '–' : formatCount(namespace.tags)) },
  { key: 'size', title: say('console.core.size'), numeric: true, cell: (namespace) => (namespace.bytes === null ? '–' : <Size bytes={namespace.bytes} />) },
  { key: 'created', title: say('console.core.created'), from: 1200, cell: (namespace) => <Time at={namespace.created_at} /> },
];

function Owners({ names }: { names: string[] }) {
  const say = useWords();
  if (names.length === 0) return <span className="muted">{say('console.admin.namespaces.of_admins')}</span>;
  const more = names.length - NAMED;
  return (
    <span title={names.join('\n')}>
      {names.slice(0, NAMED).join(', ')}
      {more > 0 && ` +${more}`}
    </span>
  );
}
