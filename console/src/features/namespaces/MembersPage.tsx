import { Button, Group } from '@mantine/core';
import { IconDots, IconPlus, IconUserCog, IconUserMinus } from '@tabler/icons-react';
import { useSuspenseInfiniteQuery, useSuspenseQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { type Member, memberQuery, membersQuery } from '@/api/members';
import { namespaceQuery } from '@/api/namespaces';
import { joinPages } from '@/api/page';
import { useSession } from '@/api/session';
import { useLiveQuery } from '@/app/events';
import { type FormSearch, noForm, useOverList } from '@/app/overList';
import { sayRole } from '@/app/roles';
import { useWords } from '@/app/words';
import { ActionMenu } from '@/ui/ActionMenu';
import { ByAddress } from '@/ui/ByAddress';
import { DataTable } from '@/ui/DataTable';
import { EmptyPlace } from '@/ui/EmptyPlace';
import { FilterInput } from '@/ui/FilterInput';
import { ButtonLink } from '@/ui/links';
import { Time } from '@/ui/Time';
import { NamespaceFrame } from './NamespaceFrame';
import type { MembersSearch } from './search';

const MemberForm = lazy(() => import('./MemberForm'));
const RemoveMember = lazy(() => import('./RemoveMember'));

/** The tab 成员: who has which role. */
export function MembersPage({ namespace, search }: { namespace: string; search: MembersSearch }) {
  const say = useWords();
  const form = useOverList<FormSearch>(noForm);
  const { may } = useSuspenseQuery(namespaceQuery(namespace)).data;
  const { user } = useSession();
  const members = useSuspenseInfiniteQuery(membersQuery(namespace, search.q));
  const rows = joinPages(members.data);
  useLiveQuery(`namespace:${namespace}`, membersQuery(namespace, search.q).queryKey, ['member.']);
  const navigate = useNavigate({ from: '/namespaces/$namespace/members' });
  const [removing, setRemoving] = useState<Member>();
  const manages = may.includes('manage_members');
  const tab = say('console.namespaces.tab.members');
  // Everybody owns the namespace of their own name.
  const changed = search.edit === namespace ? undefined : search.edit;
  const add = manages && (
    <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => form.open({ add: true })}>
      {say('console.namespaces.add_member')}
    </Button>
  );
  return (
    <NamespaceFrame namespace={namespace} tab={tab} actions={(rows.length > 0 || search.q) && add}>
      {(rows.length > 0 || search.q) && (
        <Group mb="md">
          <FilterInput label={say('console.namespaces.filter_members')} value={search.q} onChange={(q) => void navigate({ search: { q }, replace: true })} />
        </Group>
      )}
      {rows.length === 0 && search.q ? (
        <EmptyPlace title={say('console.core.nothing_matches')}>
          <ButtonLink to="/namespaces/$namespace/members" params={{ namespace }} variant="default">
            {say('console.core.clear_filters')}
          </ButtonLink>
        </EmptyPlace>
      ) : rows.length === 0 ? (
        <EmptyPlace title={say('console.namespaces.no_members')} text={say('console.namespaces.no_members_text')}>
          {add}
        </EmptyPlace>
      ) : (
        <DataTable
          label={tab}
          columns={[
            {
              key: 'username',
              title: say('console.core.username'),
              grows: true,
              cell: (member) => (member.username === user?.username ? say('console.namespaces.you', { name: member.username }) : member.username),
            },
            { key: 'role', title: say('console.namespaces.role'), cell: (member) => sayRole(member.role, say) },
            { key: 'added', title: say('console.namespaces.added'), cell: (member) => <Time at={member.added_at} /> },
          ]}
          rows={rows}
          keyOf={(member) => member.username}
          more={members}
          actions={manages ? (member) => <MemberActions member={member} namespace={namespace} onChange={() => form.open({ edit: member.username })} onRemove={setRemoving} /> : undefined}
        />
      )}
      <Suspense fallback={null}>
        {manages && search.add && <MemberForm namespace={namespace} onClose={form.close} />}
        {manages && changed !== undefined && (
          <ByAddress known={rows.find(({ username }) => username === changed)} query={memberQuery(namespace, changed)} onClose={form.close}>
            {(member) => <MemberForm namespace={namespace} member={member} onClose={form.close} />}
          </ByAddress>
        )}
        {removing && <RemoveMember namespace={namespace} member={removing} onClose={() => setRemoving(undefined)} />}
      </Suspense>
    </NamespaceFrame>
  );
}

interface MemberActionsProps {
  member: Member;
  namespace: string;
  onChange: () => void;
  onRemove: (member: Member) => void;
}

function MemberActions({ member, namespace, onChange, onRemove }: MemberActionsProps) {
  const say = useWords();
  // Everybody owns the namespace of their own name.
  const unless = member.username === namespace ? say('console.namespaces.always_owner') : undefined;
  return (
    <ActionMenu
      label={say('console.core.actions_for', { name: member.username })}
      icon={<IconDots size={18} aria-hidden />}
      items={[
        { label: say('console.namespaces.change_role'), icon: <IconUserCog size={16} aria-hidden />, onSelect: onChange, unless },
        { label: say('console.namespaces.remove_member'), icon: <IconUserMinus size={16} aria-hidden />, danger: true, onSelect: () => onRemove(member), unless },
      ]}
    />
  );
}
