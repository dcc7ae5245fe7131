import { Group } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useSuspenseInfiniteQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type Namespace, namespaceKeys, namespacesQuery } from '@/api/namespaces';
import { joinPages } from '@/api/page';
import { useSession } from '@/api/session';
import { useLiveQuery } from '@/app/events';
import { Page } from '@/app/Page';
import { sayRole } from '@/app/roles';
import { type Say, useWords } from '@/app/words';
import { type Column, DataTable } from '@/ui/DataTable';
import { EmptyPlace } from '@/ui/EmptyPlace';
import { FilterInput } from '@/ui/FilterInput';
import { formatCount } from '@/ui/format/count';
import { ButtonLink, TextLink } from '@/ui/links';
import { MiddleCut } from '@/ui/MiddleCut';
import { NameCell } from '@/ui/NameCell';
import { Time } from '@/ui/Time';
import type { NamespacesSearch } from './search';

/** 命名空间: those that the reader belongs to; all of them for administrators. */
export function NamespacesPage({ search }: { search: NamespacesSearch }) {
  const say = useWords();
  const { user } = useSession();
  const navigate = useNavigate({ from: '/namespaces/' });
  const namespaces = useSuspenseInfiniteQuery(namespacesQuery(search));
  const rows = joinPages(namespaces.data);
  // How many images there are; that somebody has another role is heard of everywhere.
  useLiveQuery('activity', namespaceKeys.lists, ['repository_']);
  const title = say('console.core.nav.namespaces');
  const create = user?.may.includes('create_namespaces') && (
    <ButtonLink to="/namespaces/-/new" leftSection={<IconPlus size={16} aria-hidden />}>
      {say('console.core.create_namespace')}
    </ButtonLink>
  );
  return (
    <Page title={title} actions={(rows.length > 0 || search.q) && create}>
      {rows.length === 0 && !search.q ? (
        <EmptyPlace title={say('console.namespaces.none')} text={say('console.namespaces.about')}>
          {create}
        </EmptyPlace>
      ) : (
        <>
          <Group mb="md">
            <FilterInput label={say('console.namespaces.filter')} value={search.q} onChange={(q) => void navigate({ search: { q }, replace: true })} />
          </Group>
          {rows.length > 0 ? (
            <DataTable label={title} columns={listColumns(say)} rows={rows} keyOf={(row) => row.id} more={namespaces} />
          ) : (
            <EmptyPlace title={say('console.core.nothing_matches')}>
              <ButtonLink to="/namespaces" variant="default">
                {say('console.core.clear_filters')}
              </ButtonLink>
            </EmptyPlace>
          )}
        </>
      )}
    </Page>
  );
}

const listColumns = (say: Say): Column<Namespace>[] => [
  {
    key: 'name',
    title: say('console.core.name'),
    grows: true,
    cell: (namespace) => (
      <NameCell description={namespace.description}>
        <TextLink to="/namespaces/$namespace" params={{ namespace: namespace.name }}>
          <MiddleCut text={namespace.name} />
        </TextLink>
      </NameCell>
    ),
  },
  { key: 'role', title: say('console.namespaces.my_role'), cell: (namespace) => (namespace.role ? sayRole(namespace.role, say) : '–') },
  { key: 'images', title: say('console.namespaces.images'), numeric: true, cell: (namespace) => formatCount(namespace.repository_count) },
  { key: 'created', title: say('console.core.created'), cell: (namespace) => <Time at={namespace.created_at} /> },
];
