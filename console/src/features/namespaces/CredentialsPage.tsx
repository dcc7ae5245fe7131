import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useSuspenseInfiniteQuery } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { type Credential, credentialQuery, credentialsQuery } from '@/api/credentials';
import { joinPages } from '@/api/page';
import { useLiveQuery } from '@/app/events';
import { type FormSearch, noForm, useOverList } from '@/app/overList';
import { type Say, useWords } from '@/app/words';
import { ByAddress } from '@/ui/ByAddress';
import { type Column, DataTable } from '@/ui/DataTable';
import { EmptyPlace } from '@/ui/EmptyPlace';
import { MiddleCut } from '@/ui/MiddleCut';
import { NameCell } from '@/ui/NameCell';
import { StateBadge } from '@/ui/StateBadge';
import { Time } from '@/ui/Time';
import { CredentialActions } from './CredentialActions';
import { NamespaceFrame } from './NamespaceFrame';
import classes from './namespaces.module.css';

const CredentialForm = lazy(() => import('./CredentialForm'));

/** The tab 凭据: what builds of the namespace sign in to other registries with. */
export function CredentialsPage({ namespace, search }: { namespace: string; search: FormSearch }) {
  const say = useWords();
  const form = useOverList<FormSearch>(noForm);
  const credentials = useSuspenseInfiniteQuery(credentialsQuery(namespace));
  const rows = joinPages(credentials.data);
  useLiveQuery(`namespace:${namespace}`, credentialsQuery(namespace).queryKey, ['credential.']);
  const tab = say('console.namespaces.tab.credentials');
  const create = (
    <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => form.open({ add: true })}>
      {say('console.namespaces.add_credential')}
    </Button>
  );
  return (
    <NamespaceFrame namespace={namespace} tab={tab} actions={rows.length > 0 && create}>
      {rows.length === 0 ? (
        <EmptyPlace title={say('console.namespaces.no_credentials')} text={say('console.namespaces.about_credentials')}>
          {create}
        </EmptyPlace>
      ) : (
        <>
          <p className="muted" style={{ margin: '0 0 16px', maxWidth: 720 }}>
            {say('console.namespaces.about_credentials')}
          </p>
          <DataTable
            label={tab}
            columns={listColumns(say)}
            rows={rows}
            keyOf={(credential) => credential.id}
            more={credentials}
            actions={(credential) => <CredentialActions namespace={namespace} credential={credential} onEdit={() => form.open({ edit: credential.id })} />}
          />
        </>
      )}
      <Suspense fallback={null}>
        {search.add && <CredentialForm namespace={namespace} onClose={form.close} />}
        {search.edit !== undefined && (
          <ByAddress known={rows.find(({ id }) => id === search.edit)} query={credentialQuery(namespace, search.edit)} onClose={form.close}>
            {(credential) => <CredentialForm namespace={namespace} credential={credential} onClose={form.close} />}
          </ByAddress>
        )}
      </Suspense>
    </NamespaceFrame>
  );
}

const listColumns = (say: Say): Column<Credential>[] => [
  {
    key: 'host',
    title: say('console.namespaces.credential_host'),
    grows: true,
    cell: (credential) => (
      <NameCell>
        <MiddleCut text={credential.host} />
      </NameCell>
    ),
  },
  { key: 'username', title: say('console.core.username'), cell: (credential) => credential.username },
  { key: 'state', title: say('console.namespaces.credential_state'), cell: (credential) => <CredentialState credential={credential} /> },
  { key: 'by', title: say('console.namespaces.robot_created_by'), from: 1200, cell: (credential) => credential.created_by },
  { key: 'updated', title: say('console.namespaces.credential_updated'), from: 1000, cell: (credential) => <Time at={credential.updated_at} /> },
];

/** What the registry said when it was last asked. */
function CredentialState({ credential }: { credential: Credential }) {
  const say = useWords();
  const test = credential.last_test;
  if (!credential.has_password) return <span className={classes.refusal}>{say('console.namespaces.credential_no_password')}</span>;
  if (!test) return <StateBadge state="untested" />;
  if (test.ok) return <StateBadge state="accepted" />;
  return (
    <span title={test.detail || undefined}>
      <StateBadge state="refused" />
      <span className={classes.refusal}>{test.message}</span>
    </span>
  );
}
