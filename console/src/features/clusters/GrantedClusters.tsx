import { useSuspenseInfiniteQuery, useSuspenseQueries } from '@tanstack/react-query';
import { grantedClustersQuery } from '@/api/clusters';
import { namespacesQuery } from '@/api/namespaces';
import { joinPages } from '@/api/page';
import { type Say, useWords } from '@/app/words';
import { type Column, DataTable } from '@/ui/DataTable';
import { EmptyPlace } from '@/ui/EmptyPlace';
import { MiddleCut } from '@/ui/MiddleCut';
import { StateBadge } from '@/ui/StateBadge';
import classes from './clusters.module.css';
import { joinGrants, type UsableCluster } from './granted';
import { showCluster } from './state';

/** What is granted to the namespaces whose triggers the reader manages: to be seen, not to be changed. */
export function GrantedClusters() {
  const say = useWords();
  const list = useSuspenseInfiniteQuery(namespacesQuery());
  const namespaces = joinPages(list.data).filter((namespace) => namespace.may.includes('manage_triggers'));
  const granted = useSuspenseQueries({ queries: namespaces.map((namespace) => grantedClustersQuery(namespace.name)) });
  const rows = joinGrants(namespaces.map((namespace, index) => ({ namespace: namespace.name, clusters: granted[index]?.data ?? [] })));
  if (rows.length === 0 && !list.hasNextPage) return <EmptyPlace title={say('console.clusters.none_granted')} text={say('console.clusters.about')} />;
  return <DataTable label={say('console.clusters.title')} columns={listColumns(say)} rows={rows} keyOf={(row) => row.name} more={list} />;
}

const listColumns = (say: Say): Column<UsableCluster>[] => [
  { key: 'name', title: say('console.clusters.name'), grows: true, cell: (cluster) => <MiddleCut text={cluster.name} /> },
  { key: 'region', title: say('console.clusters.region'), cell: (cluster) => cluster.region || '–' },
  { key: 'host', title: say('console.clusters.registry_host'), from: 1000, cell: (cluster) => cluster.registry_host },
  {
    key: 'granted',
    title: say('console.clusters.granted'),
    cell: (cluster) => (
      <ul className={classes.grants}>
        {cluster.grants.map(({ namespace, kube }) => (
          <li key={namespace} className={classes.kubes}>
            {namespace}:{' '}
            {kube.map((each) => (
              <code key={each}>{each}</code>
            ))}
          </li>
        ))}
      </ul>
    ),
  },
  { key: 'state', title: say('console.clusters.state'), cell: (cluster) => <StateBadge state={showCluster(cluster.state)} /> },
];
