import { expect, test } from 'vitest';
import type { Cluster } from '@/api/clusters';
import { checkCluster, newCluster, readCluster, writeChanges, writeCluster } from './draft';

const words = { required: 'required', nodesOwn: 'the node itself' };
const filled = { ...newCluster('hub.example.cn'), name: ' prod ', region: '广州', kubeconfig: 'apiVersion: v1', server: 'https://10.0.0.1:6443', token: 'secret' };

test('of three ways to sign in the chosen one alone is sent: the API refuses two', () => {
  const base = { name: 'prod', region: '广州', registry_host: 'hub.example.cn' };
  expect(writeCluster(filled)).toEqual({ ...base, kubeconfig: 'apiVersion: v1' });
  expect(writeCluster({ ...filled, access: 'token' })).toEqual({ ...base, server: 'https://10.0.0.1:6443', ca: undefined, token: 'secret' });
  expect(writeCluster({ ...filled, access: 'in_cluster' })).toEqual({ ...base, in_cluster: true });
});

test('a cluster that is there keeps its credential', () => {
  const kept = { name: 'prod', region: '广州', registry_host: 'hub.example.cn', server: 'https://10.0.0.1:6443' } as Cluster;
  expect(writeChanges(readCluster(kept))).toEqual({ name: 'prod', region: '广州', registry_host: 'hub.example.cn' });
});

test('a grant names what it is of', () => {
  expect(Object.keys(checkCluster({ ...filled, grant_to: 'team' }, words))).toEqual(['kube']);
  expect(checkCluster({ ...filled, grant_to: 'team', kube: ['shop'] }, words)).toEqual({});
});

test('what the chosen way takes is asked for', () => {
  const empty = newCluster('');
  const missing = (access: typeof empty.access) => Object.keys(checkCluster({ ...empty, access }, words));
  expect(missing('kubeconfig')).toEqual(['name', 'registry_host', 'kubeconfig']);
  expect(missing('token')).toEqual(['name', 'registry_host', 'server', 'token']);
  expect(missing('in_cluster')).toEqual(['name', 'registry_host']);
});

test('an address that is each node itself is no address of the registry', () => {
  for (const address of ['localhost:5000', '127.0.0.1', '127.0.0.1:5000', '[::1]:5000']) {
    expect(newCluster(address).registry_host).toBe('');
    expect(checkCluster({ ...filled, registry_host: address }, words)).toEqual({ registry_host: 'the node itself' });
  }
  expect(newCluster('127.example.cn').registry_host).toBe('127.example.cn');
});
