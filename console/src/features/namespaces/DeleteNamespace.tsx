import { useQuery } from '@tanstack/react-query';
import { namespaceLossesQuery, useDeleteNamespace } from '@/api/namespaces';
import type { Losses } from '@/api/repositories';
import { type Say, useWords, type WordKey } from '@/app/words';
import { announce } from '@/ui/announce';
import { ConfirmByName } from '@/ui/ConfirmByName';

interface DeleteNamespaceProps {
  name: string;
  onClose: () => void;
  onDeleted: () => void;
}

/** Asks before a namespace goes, with its images, members and all that hangs on them. */
export default function DeleteNamespace({ name, onClose, onDeleted }: DeleteNamespaceProps) {
  const say = useWords();
  const losses = useQuery(namespaceLossesQuery(name));
  const remove = useDeleteNamespace();
  const confirm = () =>
    remove.mutate(name, {
      onSuccess: () => {
        announce(say('console.namespaces.deleted', { name }));
        onClose();
        onDeleted();
      },
    });
  return (
    <ConfirmByName
      opened
      onClose={onClose}
      title={say('console.namespaces.delete_named', { name })}
      name={name}
      losses={losses.data && sayLosses(losses.data, say)}
      action={say('console.namespaces.delete')}
      onConfirm={confirm}
      pending={remove.isPending}
      problem={remove.error ?? losses.error}
    />
  );
}

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
};

/** Kinds that are asked twice, such as the triggers of the namespace and those of its images, count together. */
function sayLosses(losses: Losses, say: Say) {
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
