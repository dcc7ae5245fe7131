// The way of an image as six columns of cards, and the arrows between them. Pure.
import type { LinkProps } from '@tanstack/react-router';
import type { Delivery } from '@/api/deliveries';
import type { Trace } from '@/api/trace';
import type { ShownState } from '@/ui/StateBadge';
import { showDelivery } from '@/features/triggers/state';

export const stages = ['commit', 'build', 'digest', 'versions', 'triggers', 'rollout'] as const;
export type Stage = (typeof stages)[number];

export interface TraceCard {
  /** Unique over all columns. */
  id: string;
  title: string;
  /** The whole of what the title cuts. */
  whole?: string;
  detail?: string;
  state?: ShownState;
  /** "3/5", beside the state. */
  count?: string;
  at?: string | null;
  link?: Pick<LinkProps, 'to' | 'params' | 'search'>;
  /** The id of the cards before it that it comes from. */
  from: string[];
}

export type TraceColumns = Record<Stage, TraceCard[]>;

export function layTrace(trace: Trace, cut: { commit: (text: string) => string; digest: (text: string) => string }): TraceColumns {
  const { repository: name, build } = trace;
  const commit: TraceCard[] = build?.commit
    ? [{ id: 'commit', title: cut.commit(build.commit), whole: build.commit, detail: build.message || build.ref?.replace(/^refs\/(heads|tags)\//, ''), from: [] }]
    : [];
  const builds: TraceCard[] = build
    ? [
        {
          id: 'build',
          title: `#${build.number}`,
          detail: build.rule ?? undefined,
          state: showBuild(build.state),
          at: build.ended_at,
          link: { to: '/images/$name/builds/$number', params: { name, number: String(build.number) } },
          from: commit.map((card) => card.id),
        },
      ]
    : [];
  const pushed = trace.history.findLast((change) => change.digest === trace.digest);
  const digest: TraceCard[] = [
    {
      id: 'digest',
      title: cut.digest(trace.digest),
      whole: trace.digest,
      detail: pushed?.actor ?? undefined,
      at: pushed?.at,
      from: builds.map((card) => card.id),
    },
  ];
  const versions: TraceCard[] = trace.tags.map((tag) => ({
    id: `tag ${tag}`,
    title: tag,
    at: trace.history.find((change) => change.tag === tag && change.digest === trace.digest)?.at,
    link: { to: '/images/$name/versions/$tag', params: { name, tag } },
    from: ['digest'],
  }));
  const newest = findNewest(trace.deliveries ?? []);
  const triggers: TraceCard[] = newest.map((delivery) => ({
    id: `delivery ${delivery.id}`,
    title: delivery.trigger,
    detail: delivery.target,
    state: showDelivery(delivery),
    at: delivery.ended_at ?? delivery.created_at,
    link: { to: '/images/$name/triggers/deliveries/$delivery', params: { name, delivery: delivery.id } },
    from: delivery.tag && trace.tags.includes(delivery.tag) ? [`tag ${delivery.tag}`] : [],
  }));
  const running: TraceCard[] = (trace.running ?? []).map((each) => ({
    id: `running ${each.cluster} ${each.cluster_namespace} ${each.kind} ${each.workload} ${each.container} ${each.image} ${each.digest ?? ''}`,
    title: `${each.cluster}/${each.workload}`,
    detail: `${each.cluster_namespace} · ${each.kind} · ${each.container}`,
    state: each.this ? 'in_sync' : 'other_version',
    count: `${each.ready}/${each.pods}`,
    at: each.since,
    from: newest.filter((delivery) => each.this && isAbout(delivery, each)).map((delivery) => `delivery ${delivery.id}`),
  }));
  const silent: TraceCard[] = trace.silent_clusters.map((each) => ({
    id: `silent ${each.cluster}`,
    title: each.cluster,
    detail: each.message,
    state: 'unreachable',
    from: [],
  }));
  return { commit, build: builds, digest, versions, triggers, rollout: [...running, ...silent] };
}

/** Of each trigger, target and version the newest; the list is newest first. */
function findNewest(deliveries: Delivery[]): Delivery[] {
  const seen = new Set<string>();
  return deliveries.filter((delivery) => {
    const key = [delivery.trigger, delivery.target, delivery.tag].join('\n');
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

/** Whether a delivery went to these containers: its target names cluster, namespace, kind, workload and container. */
function isAbout(delivery: Delivery, running: NonNullable<Trace['running']>[number]) {
  if (delivery.kind !== 'workload') return false;
  const target = `${running.cluster}/${running.cluster_namespace}/${running.kind}/${running.workload}/${running.container}`;
  return delivery.target.toLowerCase() === target.toLowerCase();
}

const buildStates = new Set(['queued', 'running', 'succeeded', 'failed', 'canceled', 'superseded', 'skipped', 'timed_out']);
const showBuild = (state: string) => (buildStates.has(state) ? (state as ShownState) : undefined);
