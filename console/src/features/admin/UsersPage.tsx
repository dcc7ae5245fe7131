import { Group } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useSuspenseInfiniteQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { joinPages } from '@/api/page';
import { type User, userKeys, usersQuery } from '@/api/users';
import { useLiveQuery } from '@/app/events';
import { overList, useOverList } from '@/app/overList';
import { type Say, useWords } from '@/app/words';
import { type Column, DataTable } from '@/ui/DataTable';
import { EmptyPlace } from '@/ui/EmptyPlace';
import { FilterInput } from '@/ui/FilterInput';
import { formatCount } from '@/ui/format/count';
import { ButtonLink } from '@/ui/links';
import { MiddleCut } from '@/ui/MiddleCut';
import { NameCell } from '@/ui/NameCell';
import { StateBadge } from '@/ui/StateBadge';
import { Time } from '@/ui/Time';
import { AdminFrame } from './AdminFrame';
import { noUserForm, type UsersSearch } from './search';
import { UserActions } from './UserActions';

const CreateUser = lazy(() => import('./CreateUser'));
const EditUser = lazy(() => import('./EditUser'));
const ResetUserPassword = lazy(() => import('./ResetUserPassword'));

/** 用户: all accounts of the installation. */
export function UsersPage({ search }: { search: UsersSearch }) {
  const say = useWords();
  const navigate = useNavigate({ from: '/admin/users' });
  const users = useSuspenseInfiniteQuery(usersQuery(search.q));
  const rows = joinPages(users.data);
  useLiveQuery('administration', userKeys.all, ['user.']);
  const title = say('console.admin.tab.users');
  const form = useOverList<Omit<UsersSearch, 'q'>>(noUserForm);
  return (
    <AdminFrame
      tab={title}
      actions={
        <ButtonLink to="/admin/users" search={{ ...search, new: true }} {...overList} leftSection={<IconPlus size={16} aria-hidden />}>
          {say('console.admin.users.create')}
        </ButtonLink>
      }
    >
      <Group mb="md">
        <FilterInput label={say('console.admin.users.filter')} value={search.q} onChange={(q) => navigate({ search: { q }, replace: true })} />
      </Group>
      {rows.length === 0 ? (
        <EmptyPlace title={say('console.core.nothing_matches')}>
          <ButtonLink to="/admin/users" variant="default">
            {say('console.core.clear_filters')}
          </ButtonLink>
        </EmptyPlace>
      ) : (
        <DataTable label={title} columns={listColumns(say)} rows={rows} keyOf={(user) => user.id} more={users} actions={(user) => <UserActions user={user} onOpen={form.open} />} />
      )}
      <Suspense fallback={null}>
        {search.new && <CreateUser onClose={form.close} />}
        {search.edit && <EditUser username={search.edit} onClose={form.close} />}
        {search.reset && <ResetUserPassword username={search.reset} onClose={form.close} />}
      </Suspense>
    </AdminFrame>
  );
}

const listColumns = (say: Say): Column<User>[] => [
  {
    key: 'name',
    title: say('console.core.username'),
    grows: true,
    cell: (user) => (
      <NameCell description={user.display_name}>
        <MiddleCut text={user.username} />
      </NameCell>
    ),
  },
  { key: 'role', title: say('console.admin.users.role'), cell: (user) => say(user.admin ? 'console.admin.users.admin' : 'console.admin.users.plain') },
  { key: 'state', title: say('console.admin.users.state'), cell: (user) => (user.disabled ? <StateBadge state="disabled" /> : say('console.admin.users.active')) },
  { key: 'email', title: say('console.admin.users.email'), from: 1000, cut: true, cell: (user) => (user.email ? <MiddleCut text={user.email} /> : '–') },
  { key: 'limit', title: say('console.admin.users.limit'), numeric: true, from: 1200, cell: (user) => formatCount(user.namespace_limit) },
  { key: 'login', title: say('console.admin.users.last_login'), cell: (user) => <Time at={user.last_login_at} /> },
  { key: 'created', title: say('console.core.created'), from: 1400, cell: (user) => <Time at={user.created_at} /> },
];
