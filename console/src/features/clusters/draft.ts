// A cluster as its form has it, and as the API takes it: one of three ways to sign in to it. Pure.
import type { Cluster, ClusterChanges, NewCluster } from '@/api/clusters';

export type Access = 'kubeconfig' | 'token' | 'in_cluster';

export interface ClusterDraft {
  name: string;
  region: string;
  registry_host: string;
  /** `keep`: of one that is there, what is stored. */
  access: Access | 'keep';
  kubeconfig: string;
  server: string;
  ca: string;
  token: string;
  /** Of a new one: who may use which parts of it at once. */
  grant_to: string | null;
  kube: string[];
}

/** On a node, such an address is the node itself: no image is pulled from there, and the API refuses it. */
const isNodesOwn = (address: string) => /^(localhost|127(\.\d+){3}|\[::1\])(:\d+)?$/i.test(address.trim());

/** A new one, with the address of this registry unless that means nothing elsewhere. */
export const newCluster = (address: string): ClusterDraft => ({
  name: '',
  region: '',
  registry_host: isNodesOwn(address) ? '' : address,
  access: 'kubeconfig',
  kubeconfig: '',
  server: '',
  ca: '',
  token: '',
  grant_to: null,
  kube: [],
});

export const readCluster = (cluster: Cluster): ClusterDraft => ({
  ...newCluster(cluster.registry_host),
  name: cluster.name,
  region: cluster.region,
  access: 'keep',
  server: cluster.server,
});

export const writeCluster = (draft: ClusterDraft): NewCluster => ({
  name: draft.name.trim(),
  region: draft.region.trim(),
  registry_host: draft.registry_host.trim(),
  ...writeAccess(draft),
});

export const writeChanges = (draft: ClusterDraft): ClusterChanges => ({
  name: draft.name.trim(),
  region: draft.region.trim(),
  registry_host: draft.registry_host.trim(),
  ...writeAccess(draft),
});

function writeAccess(draft: ClusterDraft) {
  switch (draft.access) {
    case 'keep':
      return {};
    case 'kubeconfig':
      return { kubeconfig: draft.kubeconfig };
    case 'token':
      return { server: draft.server.trim(), ca: draft.ca.trim() || undefined, token: draft.token.trim() };
    case 'in_cluster':
      return { in_cluster: true };
  }
}

/** What is missing or cannot be, by the name of its field, in the words that are given for it. */
export function checkCluster(draft: ClusterDraft, { required, nodesOwn }: { required: string; nodesOwn: string }): Partial<Record<keyof ClusterDraft, string>> {
  const wanted: ('name' | 'registry_host' | 'kubeconfig' | 'server' | 'token')[] = ['name', 'registry_host'];
  if (draft.access === 'kubeconfig') wanted.push('kubeconfig');
  if (draft.access === 'token') wanted.push('server', 'token');
  return {
    ...(isNodesOwn(draft.registry_host) && { registry_host: nodesOwn }),
    ...Object.fromEntries(wanted.filter((field) => draft[field].trim() === '').map((field) => [field, required])),
    ...(draft.grant_to !== null && draft.kube.length === 0 && { kube: required }),
  };
}
