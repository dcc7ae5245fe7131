// What several namespaces were granted, by cluster. Pure.
import type { GrantedCluster } from '@/api/clusters';

export interface UsableCluster extends Pick<GrantedCluster, 'name' | 'region' | 'registry_host' | 'state'> {
  grants: { namespace: string; kube: string[] }[];
}

/** Each cluster once, by region and name, with what each namespace may use of it. */
export function joinGrants(granted: { namespace: string; clusters: GrantedCluster[] }[]): UsableCluster[] {
  const known = new Map<string, UsableCluster>();
  for (const { namespace, clusters } of granted) {
    for (const { name, region, registry_host, state, cluster_namespaces } of clusters) {
      const cluster = known.get(name) ?? { name, region, registry_host, state, grants: [] };
      cluster.grants.push({ namespace, kube: cluster_namespaces });
      known.set(name, cluster);
    }
  }
  return [...known.values()].toSorted((a, b) => a.region.localeCompare(b.region) || a.name.localeCompare(b.name));
}
