import { useQuery } from '@tanstack/react-query';
import { useDeleteUser, userLossesQuery } from '@/api/users';
import { type Say, useWords, type WordKey } from '@/app/words';
import { announce } from '@/ui/announce';
import { ConfirmByName } from '@/ui/ConfirmByName';

interface DeleteUserProps {
  username: string;
  onClose: () => void;
}

/** Asks before an account goes, with the namespace of its name and all in it. */
export default function DeleteUser({ username, onClose }: DeleteUserProps) {
  const say = useWords();
  const losses = useQuery(userLossesQuery(username));
  const remove = useDeleteUser();
  const confirm = () =>
    remove.mutate(username, {
      onSuccess: () => {
        announce(say('console.admin.users.deleted', { name: username }));
        onClose();
      },
    });
  return (
    <ConfirmByName
      opened
      onClose={onClose}
      title={say('console.admin.users.delete_named', { name: username })}
      name={username}
      losses={losses.data?.map(({ kind, count, names }) => ({ text: sayLoss(kind, count, say), names }))}
      action={say('console.admin.users.delete')}
      onConfirm={confirm}
      pending={remove.isPending}
      problem={remove.error ?? losses.error}
    />
  );
}

const kinds: Record<string, WordKey> = {
  repository: 'console.admin.loses.repository',
  tag: 'console.admin.loses.tag',
  rule: 'console.admin.loses.rule',
  stopping_rule: 'console.admin.loses.stopping_rule',
  rule_secret: 'console.admin.loses.rule_secret',
  trigger_url: 'console.admin.loses.trigger_url',
  trigger: 'console.admin.loses.trigger',
  build: 'console.admin.loses.build',
  link: 'console.admin.loses.link',
  webhook: 'console.admin.loses.webhook',
  deploy_key: 'console.admin.loses.deploy_key',
  source: 'console.admin.loses.source',
  token: 'console.admin.loses.token',
  membership: 'console.admin.loses.membership',
  credential: 'console.admin.loses.credential',
  robot: 'console.admin.loses.robot',
  member: 'console.admin.loses.member',
};

const sayLoss = (kind: string, count: number, say: Say) => say(kinds[kind] ?? 'console.admin.loses.other', { count, kind });
