import { expect, test } from 'vitest';
import { joinGrants } from './granted';

const cluster = (name: string, region: string, ...cluster_namespaces: string[]) => ({ name, region, registry_host: 'hub', state: 'reachable', cluster_namespaces });

test('a cluster that two namespaces may use is listed once, with both', () => {
  const joined = joinGrants([
    { namespace: 'team', clusters: [cluster('prod', 'gz', 'shop'), cluster('edge', 'bj', 'a')] },
    { namespace: 'pay', clusters: [cluster('prod', 'gz', 'pay')] },
  ]);
  expect(joined.map((each) => [each.name, each.grants])).toEqual([
    ['edge', [{ namespace: 'team', kube: ['a'] }]],
    ['prod', [{ namespace: 'team', kube: ['shop'] }, { namespace: 'pay', kube: ['pay'] }]],
  ]);
});
