// Kubernetes clusters: those of the installation, and what a namespace was granted of them.
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import type { components } from './api.gen';
import { api, take } from './client';
import { PAGE_SIZE, pageQuery } from './page';

export type Cluster = components['schemas']['Cluster'];
export type ClusterCheck = components['schemas']['ClusterCheck'];
export type NewCluster = components['schemas']['NewCluster'];
export type ClusterChanges = components['schemas']['ClusterChanges'];
export type GrantedCluster = components['schemas']['GrantedCluster'];
export type ListedWorkload = components['schemas']['ListedWorkload'];
export type WorkloadKind = ListedWorkload['kind'];

export const clusterKeys = {
  all: ['clusters'] as const,
  lists: ['clusters', null] as const,
  one: (cluster: string) => ['clusters', cluster] as const,
};

export const clustersQuery = () =>
  pageQuery(clusterKeys.lists, (after, signal) =>
    take(api.GET('/api/v1/clusters', { params: { query: { limit: PAGE_SIZE, after } }, signal })),
  );

export const clusterQuery = (cluster: string) =>
  queryOptions({
    queryKey: clusterKeys.one(cluster),
    queryFn: ({ signal }) => take(api.GET('/api/v1/clusters/{cluster}', { params: { path: { cluster } }, signal })),
  });

/** What has to be applied to a cluster, so that this server has the rights that the grants take. */
export const manifestQuery = (cluster: string, home: string) =>
  queryOptions({
    queryKey: [...clusterKeys.one(cluster), 'manifest', home],
    queryFn: ({ signal }) =>
      take(
        api.GET('/api/v1/clusters/{cluster}/manifest', {
          params: { path: { cluster }, query: { home: home || undefined } },
          signal,
        }),
      ),
  });

export function useAddCluster() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: NewCluster) => take(api.POST('/api/v1/clusters', { body })),
    onSuccess: () => queries.invalidateQueries({ queryKey: clusterKeys.all }),
  });
}

export function useEditCluster(cluster: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: ClusterChanges) =>
      take(api.PATCH('/api/v1/clusters/{cluster}', { params: { path: { cluster } }, body })),
    onSuccess: () => queries.invalidateQueries({ queryKey: clusterKeys.all }),
  });
}

export function useDeleteCluster() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (cluster: string) => api.DELETE('/api/v1/clusters/{cluster}', { params: { path: { cluster } } }),
    onSuccess: (_, cluster) => {
      queries.removeQueries({ queryKey: clusterKeys.one(cluster) });
      return queries.invalidateQueries({ queryKey: clusterKeys.lists });
    },
  });
}

/** Asks a cluster for its version, and for every right that the grants take. */
export function useCheckCluster(cluster: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => take(api.POST('/api/v1/clusters/{cluster}/check', { params: { path: { cluster } }, body: {} })),
    onSuccess: () => queries.invalidateQueries({ queryKey: clusterKeys.all }),
  });
}

interface Grant {
  cluster: string;
  namespace: string;
  /** Kubernetes namespaces. */
  kube: string[];
}

/** Grants a namespace exactly these Kubernetes namespaces; none takes everything from it. */
export async function setGrants({ cluster, namespace, kube }: Grant) {
  const path = { cluster, namespace };
  if (kube.length === 0) {
    await api.DELETE('/api/v1/clusters/{cluster}/grants/{namespace}', { params: { path } });
  } else {
    await api.PUT('/api/v1/clusters/{cluster}/grants/{namespace}', {
      params: { path },
      body: { cluster_namespaces: kube },
    });
  }
}

export function useSetGrants(cluster: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (grant: Omit<Grant, 'cluster'>) => setGrants({ cluster, ...grant }),
    onSuccess: () => queries.invalidateQueries({ queryKey: clusterKeys.all }),
  });
}

export const grantedClustersQuery = (namespace: string) =>
  queryOptions({
    queryKey: ['granted-clusters', namespace],
    queryFn: async ({ signal }) => {
      const { items } = await take(
        api.GET('/api/v1/namespaces/{namespace}/clusters', { params: { path: { namespace } }, signal }),
      );
      return items;
    },
  });

/** What is in a granted Kubernetes namespace at this moment, asked of the cluster. */
export const workloadsQuery = (namespace: string, cluster: string, kube: string) =>
  queryOptions({
    queryKey: ['workloads', namespace, cluster, kube],
    queryFn: ({ signal }) =>
      take(
        api.GET('/api/v1/namespaces/{namespace}/clusters/{cluster}/namespaces/{kube}/workloads', {
          params: { path: { namespace, cluster, kube } },
          signal,
        }),
      ),
    // The button beside it asks again; a cluster that does not answer costs its whole limit each time.
    retry: false,
  });

/** Writes a pull secret for this registry, with a robot made for it that may pull and nothing else. */
export function useWritePullSecret(namespace: string) {
  return useMutation({
    mutationFn: ({ cluster, kube, robot }: { cluster: string; kube: string; robot: string }) =>
      take(
        api.POST('/api/v1/namespaces/{namespace}/clusters/{cluster}/namespaces/{kube}/pull-secret', {
          params: { path: { namespace, cluster, kube } },
          body: { robot },
        }),
      ),
  });
}
