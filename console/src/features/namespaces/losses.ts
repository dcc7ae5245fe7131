// What goes with an image, a namespace, or a user and the namespace of their name, as sentences: the words of `namespaces`.
import type { Losses } from '@/api/repositories';
import type { Say, WordKey } from '@/app/words';
import { formatSize } from '@/ui/format/size';

type Kind = Losses[number]['kind'];

/** Each kind that the server has, in the order in which they are missed. */
const kinds: Record<Kind, WordKey> = {
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

/**
 * Kinds that are asked twice, such as the triggers of the namespace and those of its images, count together. `bytes` is what the
 * versions of one image hold.
 */
export function sayLosses(losses: Losses, say: Say, bytes?: number) {
  const joined = new Map<Kind, { count: number; names: string[] }>();
  for (const { kind, count, names } of losses.toSorted((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind))) {
    const before = joined.get(kind);
    joined.set(kind, { count: (before?.count ?? 0) + count, names: [...(before?.names ?? []), ...names] });
  }
  return [...joined].map(([kind, { count, names }]) => ({
    text: kind === 'tag' && bytes !== undefined ? say('console.images.loses.tag', { count, size: formatSize(bytes) }) : say(kinds[kind], { count }),
    names,
  }));
}

const order = Object.keys(kinds);
