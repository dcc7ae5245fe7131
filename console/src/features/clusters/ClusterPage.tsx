import { Button, Stack } from '@mantine/core';
import { IconDots, IconPencil, IconRefresh, IconTrash } from '@tabler/icons-react';
import { useSuspenseQuery } from '@tanstack/react-query';
import { useLocation, useNavigate } from '@tanstack/react-router';
import { lazy, type ReactNode, Suspense, useState } from 'react';
import { type Cluster, clusterKeys, clusterQuery, useCheckCluster } from '@/api/clusters';
import { useLiveQuery } from '@/app/events';
import type { FormSearch } from '@/app/overList';
import { Page } from '@/app/Page';
import { useWords } from '@/app/words';
import { ActionMenu } from '@/ui/ActionMenu';
import { ErrorState } from '@/ui/ErrorState';
import { Notice } from '@/ui/Notice';
import { StateBadge } from '@/ui/StateBadge';
import { Time } from '@/ui/Time';
import { CheckResult } from './CheckResult';
import classes from './clusters.module.css';
import { Grants } from './Grants';
import { Manifest } from './Manifest';
import './refused';
import { showCluster } from './state';

const DeleteCluster = lazy(() => import('./DeleteCluster'));

/** One cluster: how it stands, who may use what of it, and the rights that this takes. */
export function ClusterPage({ cluster: name, search }: { cluster: string; search: FormSearch }) {
  const say = useWords();
  const cluster = useSuspenseQuery(clusterQuery(name)).data;
  useLiveQuery('administration', clusterKeys.one(name), ['cluster']);
  const check = useCheckCluster(name);
  const refused = useLocation({ select: ({ state }) => state.refusedGrant });
  const edits = cluster.may.includes('edit');
  return (
    <Page
      title={name}
      crumbs={[{ label: say('console.clusters.title'), to: '/clusters' }]}
      beside={<StateBadge state={showCluster(cluster.state)} />}
      actions={
        edits && (
          <>
            <Button leftSection={<IconRefresh size={16} aria-hidden />} loading={check.isPending} onClick={() => check.mutate()}>
              {say('console.clusters.check')}
            </Button>
            <MoreActions cluster={cluster} />
          </>
        )
      }
    >
      <Stack gap="xl">
        {cluster.message && (
          <Notice tone="failed" title={cluster.message}>
            {cluster.detail && <code className={classes.said}>{cluster.detail}</code>}
          </Notice>
        )}
        {refused && !cluster.grants.some((grant) => grant.namespace === refused.namespace) && (
          <Notice tone="warning" title={say('console.clusters.grant_refused', { namespace: refused.namespace })}>
            {refused.reason}
          </Notice>
        )}
        {check.error && <ErrorState problem={check.error} />}
        {check.data && <CheckResult check={check.data} />}
        <Facts cluster={cluster} />
        <Grants cluster={cluster} search={search} />
        {edits && cluster.grants.length > 0 && <Manifest cluster={name} />}
      </Stack>
    </Page>
  );
}

function MoreActions({ cluster }: { cluster: Cluster }) {
  const say = useWords();
  const navigate = useNavigate();
  const [deleting, setDeleting] = useState(false);
  return (
    <>
      <ActionMenu
        label={say('console.core.actions_for', { name: cluster.name })}
        icon={<IconDots size={18} aria-hidden />}
        items={[
          {
            label: say('console.clusters.edit'),
            icon: <IconPencil size={16} aria-hidden />,
            onSelect: () => void navigate({ to: '/clusters/$cluster/edit', params: { cluster: cluster.name } }),
          },
          { label: say('console.clusters.delete'), icon: <IconTrash size={16} aria-hidden />, danger: true, onSelect: () => setDeleting(true) },
        ]}
      />
      {deleting && (
        <Suspense fallback={null}>
          <DeleteCluster cluster={cluster} onClose={() => setDeleting(false)} onDeleted={() => void navigate({ to: '/clusters' })} />
        </Suspense>
      )}
    </>
  );
}

function Facts({ cluster }: { cluster: Cluster }) {
  const say = useWords();
  const facts: [string, ReactNode][] = [
    [say('console.clusters.region'), cluster.region || '–'],
    [say('console.clusters.server'), cluster.server],
    [say('console.clusters.version'), cluster.server_version || '–'],
    [say('console.clusters.registry_host'), cluster.registry_host],
    [say('console.clusters.access_label'), sayAccess(cluster.method)],
    ['CA', say(cluster.has_ca ? 'console.clusters.own_ca' : 'console.clusters.system_ca')],
    [say('console.clusters.checked'), <Time key="checked" at={cluster.checked_at} />],
  ];
  function sayAccess(method: string) {
    if (method === 'kubeconfig') return 'kubeconfig';
    return say(method === 'token' ? 'console.clusters.access.token' : 'console.clusters.access.in_cluster');
  }
  return (
    <dl className={classes.facts}>
      {facts.map(([name, fact]) => (
        <div key={name} className={classes.fact}>
          <dt>{name}</dt>
          <dd>{fact}</dd>
        </div>
      ))}
    </dl>
  );
}
