import { describe, expect, test } from 'vitest';
import type { GrantedCluster, ListedWorkload } from '@/api/clusters';
import { type ChosenWorkload, choose, listOptions, pickSole } from './picking';

const say = (key: string, parameters?: Record<string, unknown>) => `${key} ${parameters?.name ?? ''}`.trim();
const cluster = (name: string, region: string, ...kube: string[]): GrantedCluster => ({
  name,
  region,
  registry_host: 'hub.example.cn',
  state: 'reachable',
  cluster_namespaces: kube,
});
const workload = (kind: ListedWorkload['kind'], name: string, ...containers: string[]): ListedWorkload => ({
  kind,
  name,
  replicas: 3,
  paused: false,
  containers: containers.map((each) => ({ name: each.replace('init/', ''), image: `hub/${each}:v1`, init: each.startsWith('init/') })),
  pull_secrets: [],
});
const nothing: ChosenWorkload = { region: null, cluster: null, cluster_namespace: null, workload_kind: null, workload: null, container: null, init: false };
const all: ChosenWorkload = {
  region: '广州',
  cluster: 'prod',
  cluster_namespace: 'shop',
  workload_kind: 'deployment',
  workload: 'web',
  container: 'app',
  init: false,
};
const clusters = [cluster('prod', '广州', 'shop', 'pay'), cluster('edge', '上海', 'shop'), cluster('test', '广州', 'a')];
const workloads = [workload('deployment', 'web', 'app', 'init/migrate'), workload('cronjob', 'web', 'app')];

describe('a choice', () => {
  test('opens all that stand behind it', () => {
    expect(choose(all, 'region', '上海')).toEqual({ ...nothing, region: '上海' });
    expect(choose(all, 'cluster', 'test')).toEqual({ ...nothing, region: '广州', cluster: 'test' });
    expect(choose(all, 'cluster_namespace', 'pay')).toEqual({ ...nothing, region: '广州', cluster: 'prod', cluster_namespace: 'pay' });
    expect(choose(all, 'workload', 'cronjob/web')).toEqual({ ...all, workload_kind: 'cronjob', container: null });
  });

  test('tells init containers from others', () => {
    expect(choose(all, 'container', 'init/migrate')).toEqual({ ...all, container: 'migrate', init: true });
  });
});

describe('the lists', () => {
  test('hold what belongs to the choice before them', () => {
    const options = listOptions(all, clusters, workloads, say);
    expect(options.cluster.data).toEqual([
      { value: 'prod', label: 'prod' },
      { value: 'test', label: 'test' },
    ]);
    expect(options.workload.data).toEqual([
      { group: 'Deployment', items: [{ value: 'deployment/web', label: 'web' }] },
      { group: 'CronJob', items: [{ value: 'cronjob/web', label: 'web' }] },
    ]);
    expect(options.image).toBe('hub/app:v1');
    expect(Object.values(options).filter((level) => typeof level === 'object' && level.gone)).toEqual([]);
  });

  test('wait for the choice before them', () => {
    const options = listOptions(nothing, clusters, undefined, say);
    expect([options.region.ready, options.cluster.ready, options.workload.ready]).toEqual([true, false, false]);
  });

  test('keep a choice that vanished, and say so', () => {
    const options = listOptions({ ...all, workload: 'old' }, clusters, workloads, say);
    expect(options.workload).toMatchObject({ gone: true, value: 'deployment/old' });
    expect(options.workload.data).toContainEqual({ group: 'Deployment', items: [{ value: 'deployment/old', label: 'old' }, { value: 'deployment/web', label: 'web' }] });
    expect(listOptions({ ...all, cluster: 'lost' }, clusters, undefined, say).cluster.gone).toBe(true);
  });

  test('do not call anything gone before they were read', () => {
    const options = listOptions(all, undefined, undefined, say);
    expect(Object.values(options).filter((level) => typeof level === 'object' && level.gone)).toEqual([]);
    expect(options.container.value).toBe('app');
  });

  test('find the region of a cluster that was chosen before', () => {
    expect(listOptions({ ...all, region: null }, clusters, undefined, say).region.value).toBe('广州');
  });
});

describe('a list of one', () => {
  test('is chosen by itself, step by step', () => {
    const one = [cluster('edge', '上海', 'shop')];
    const there = [workload('deployment', 'web', 'app')];
    let value = nothing;
    for (let next = pickSole(value, one, there); next; next = pickSole(value, one, there)) value = next;
    expect(value).toEqual({ ...all, region: '上海', cluster: 'edge' });
  });

  test('is no reason to change what is chosen', () => {
    expect(pickSole({ ...all, workload: 'old' }, clusters, [workload('deployment', 'web', 'app')])).toBeUndefined();
  });
});
