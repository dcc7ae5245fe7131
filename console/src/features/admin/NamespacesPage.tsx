import { Text } from '@mantine/core';
import { useSuspenseInfiniteQuery, useSuspenseQuery } from '@tanstack/react-query';
import { type NamespaceUsage, namespaceUsageQuery, workersQuery } from '@/api/administration';
import { joinPages } from '@/api/page';
import { useLiveQuery } from '@/app/events';
import { type Say, useWords } from '@/app/words';
import { type Column, DataTable } from '@/ui/DataTable';
import { formatCount } from '@/ui/format/count';
import { TextLink } from '@/ui/links';
import { MiddleCut } from '@/ui/MiddleCut';
import { NameCell } from '@/ui/NameCell';
import { Size } from '@/ui/Size';
import { Time } from '@/ui/Time';
import { AdminFrame } from './AdminFrame';

/** Owners that are named in a row: more make it higher than its neighbours. */
const NAMED = 3;

/** 命名空间: all of them, whoever owns them, and what each may do at once. */
export function NamespacesPage() {
  const say = useWords();
  const namespaces = useSuspenseInfiniteQuery(namespaceUsageQuery());
  useLiveQuery('administration', namespaceUsageQuery().queryKey, ['namespace.', 'member.', 'repository.']);
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
      <DataTable label={title} columns={listColumns(say)} rows={joinPages(namespaces.data)} keyOf={(namespace) => namespace.name} more={namespaces} />
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
