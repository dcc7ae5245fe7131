// What goes with a namespace, or with a user and the namespace of their name, as sentences.
import type { Losses } from '@/api/repositories';
import type { Say, WordKey } from '@/app/words';

const kinds: Record<string, WordKey> = {
  repository: 'console.namespaces.loses.repository',
  tag: 'console.namespaces.loses.tag',
  rule: 'console.namespaces.loses.rule',
  rule_secret: 'console.namespaces.loses.rule_secret',
  trigger_url: 'console.namespaces.loses.trigger_url',
  build: 'console.namespaces.loses.build',
  link: 'console.namespaces.loses.link',
  webhook: 'console.namespaces.loses.webhook',
  deploy_key: 'console.namespaces.loses.deploy_key',
  trigger: 'console.namespaces.loses.trigger',
  waiting_delivery: 'console.namespaces.loses.waiting_delivery',
  member: 'console.namespaces.loses.member',
  robot: 'console.namespaces.loses.robot',
  credential: 'console.namespaces.loses.credential',
  cluster_grant: 'console.namespaces.loses.cluster_grant',
  token: 'console.namespaces.loses.token',
  source: 'console.namespaces.loses.source',
  stopping_rule: 'console.namespaces.loses.stopping_rule',
  membership: 'console.namespaces.loses.membership',
};

/** Kinds that are asked twice, such as the triggers of the namespace and those of its images, count together. */
export function sayLosses(losses: Losses, say: Say) {
  const joined = new Map<string, { count: number; names: string[] }>();
  // Images first: they are what is missed first.
  for (const { kind, count, names } of losses.toSorted((a, b) => rank(a.kind) - rank(b.kind))) {
    const before = joined.get(kind);
    joined.set(kind, { count: (before?.count ?? 0) + count, names: [...(before?.names ?? []), ...names] });
  }
  return [...joined].map(([kind, { count, names }]) => ({
    text: say(kinds[kind] ?? 'console.namespaces.loses.other', { count, kind }),
    names,
  }));
}

const order = Object.keys(kinds);
const rank = (kind: string) => (kind in kinds ? order.indexOf(kind) : order.length);
