import { IconPlus } from '@tabler/icons-react';
import { useSuspenseInfiniteQuery } from '@tanstack/react-query';
import { type Cluster, clusterKeys, clustersQuery } from '@/api/clusters';
import { joinPages } from '@/api/page';
import { useSession } from '@/api/session';
import { useLiveQuery } from '@/app/events';
import { Page } from '@/app/Page';
import { type Say, useWords } from '@/app/words';
import { type Column, DataTable } from '@/ui/DataTable';
import { EmptyPlace } from '@/ui/EmptyPlace';
import { ButtonLink, TextLink } from '@/ui/links';
import { MiddleCut } from '@/ui/MiddleCut';
import { Reason } from '@/ui/Reason';
import { StateBadge } from '@/ui/StateBadge';
import { Time } from '@/ui/Time';
import classes from './clusters.module.css';
import { GrantedClusters } from './GrantedClusters';
import { showCluster } from './state';

/** 集群: all of them for administrators; others see what was granted to their namespaces. */
export function ClustersPage() {
  const say = useWords();
  const { user } = useSession();
  if (user?.admin) return <AllClusters />;
  return (
    <Page title={say('console.clusters.title')}>
      <GrantedClusters />
    </Page>
  );
}

function AllClusters() {
  const say = useWords();
  const clusters = useSuspenseInfiniteQuery(clustersQuery());
  const rows = joinPages(clusters.data);
  useLiveQuery('administration', clusterKeys.all, ['cluster']);
  const add = (
    <ButtonLink to="/clusters/-/new" leftSection={<IconPlus size={16} aria-hidden />}>
      {say('console.clusters.add')}
    </ButtonLink>
  );
  return (
    <Page title={say('console.clusters.title')} actions={rows.length > 0 && add}>
      {rows.length === 0 ? (
        <EmptyPlace title={say('console.clusters.none')} text={say('console.clusters.about')}>
          {add}
        </EmptyPlace>
      ) : (
        <DataTable label={say('console.clusters.title')} columns={listColumns(say)} rows={rows} keyOf={(row) => row.id} more={clusters} />
      )}
    </Page>
  );
}

const listColumns = (say: Say): Column<Cluster>[] => [
  {
    key: 'name',
    title: say('console.clusters.name'),
    grows: true,
    cell: (cluster) => (
      <>
        <TextLink to="/clusters/$cluster" params={{ cluster: cluster.name }} className={classes.name}>
          <MiddleCut text={cluster.name} />
        </TextLink>
        <div className={classes.server}>{cluster.server}</div>
      </>
    ),
  },
  { key: 'region', title: say('console.clusters.region'), cell: (cluster) => cluster.region || '–' },
  { key: 'version', title: say('console.clusters.version'), cell: (cluster) => cluster.server_version || '–' },
  {
    key: 'granted',
    title: say('console.clusters.granted'),
    cell: (cluster) => (cluster.grants.length === 0 ? '–' : say('console.clusters.grants_count', { count: cluster.grants.length })),
  },
  {
    key: 'state',
    title: say('console.clusters.state'),
    cell: (cluster) => (
      <>
        <StateBadge state={showCluster(cluster.state)} />
        <Reason>{cluster.message}</Reason>
      </>
    ),
  },
  { key: 'checked', title: say('console.clusters.checked'), from: 1000, cell: (cluster) => <Time at={cluster.checked_at} /> },
];
