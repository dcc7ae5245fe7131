import { describe, expect, test } from 'vitest';
import type { Delivery } from '@/api/deliveries';
import type { Trace } from '@/api/trace';
import { layTrace } from './columns';

const digest = `sha256:${'9f'.repeat(32)}`;
const delivery = (part: Partial<Delivery>): Delivery =>
  ({ id: 'd1', trigger: 'prod-web', target: 'gz/shop/deployment/web/app', kind: 'workload', state: 'succeeded', tag: 'v1.4.2', attempt_count: 1, created_at: '2026-11-22T15:31:26Z', ended_at: null, reason: null, ...part }) as Delivery;
const running = { cluster: 'gz', cluster_namespace: 'shop', kind: 'Deployment', workload: 'web', container: 'app', image: 'hub/team/web:v1.4.2', digest, this: true, pods: 5, ready: 3, since: null };
const trace: Trace = {
  repository: 'team/web',
  tag: 'v1.4.2',
  digest,
  present: true,
  tags: ['v1.4.2', 'latest'],
  history: [{ tag: 'v1.4.2', change: 'created', from: null, digest, actor: 'li.wei', at: '2026-11-22T15:31:26Z' }],
  build: { number: 412, rule: 'main', ref: 'refs/heads/master', commit: '17394bfc'.repeat(5), author: '', message: '', started_by: 'li.wei', state: 'succeeded', ended_at: null },
  deliveries: [delivery({})],
  running: [running],
  silent_clusters: [],
};
const cut = { commit: (text: string) => text.slice(0, 8), digest: (text: string) => text.slice(0, 13) };
const lay = (part: Partial<Trace>) => layTrace({ ...trace, ...part }, cut);
const froms = (cards: { from: string[] }[]) => cards.map((card) => card.from);

describe('the way of an image', () => {
  test('goes from commit to what runs without a gap', () => {
    const columns = lay({});
    expect(columns.commit[0]).toMatchObject({ title: '17394bfc', detail: 'master' });
    expect(columns.build[0]).toMatchObject({ title: '#412', state: 'succeeded', from: ['commit'] });
    expect(columns.digest[0]?.from).toEqual(['build']);
    expect(froms(columns.versions)).toEqual([['digest'], ['digest']]);
    expect(columns.triggers[0]).toMatchObject({ title: 'prod-web', state: 'rolled_out', from: ['tag v1.4.2'] });
    expect(columns.rollout[0]).toMatchObject({ title: 'gz/web', count: '3/5', state: 'in_sync', from: ['delivery d1'] });
  });

  test('begins with the digest where nothing was built, and says who pushed', () => {
    const columns = lay({ build: null });
    expect([columns.commit, columns.build]).toEqual([[], []]);
    expect(columns.digest[0]).toMatchObject({ from: [], detail: 'li.wei' });
  });

  test('has each trigger once, as it stood last', () => {
    const columns = lay({ deliveries: [delivery({ id: 'new', state: 'failed', reason: 'image_pull' }), delivery({ id: 'old' })] });
    expect(columns.triggers.map((card) => [card.id, card.state])).toEqual([['delivery new', 'rollout_failed']]);
  });

  test('does not tie what runs another version to this one', () => {
    const columns = lay({ running: [{ ...running, this: false, digest: null }] });
    expect(columns.rollout[0]).toMatchObject({ state: 'other_version', from: [] });
  });

  test('names clusters that did not answer, and has empty columns where the reader may not see', () => {
    const columns = lay({ deliveries: null, running: null, silent_clusters: [{ cluster: 'edge', message: 'no route' }] });
    expect(columns.triggers).toEqual([]);
    expect(columns.rollout).toEqual([{ id: 'silent edge', title: 'edge', detail: 'no route', state: 'unreachable', from: [] }]);
  });

  test('has no two cards of one name', () => {
    const twice = lay({ running: [running, { ...running, container: 'side' }] });
    const ids = Object.values(twice).flat().map((card) => card.id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
