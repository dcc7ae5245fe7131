import { Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type Member, useRemoveMember } from '@/api/members';
import { namespaceKeys } from '@/api/namespaces';
import { useSession } from '@/api/session';
import { useWords } from '@/app/words';
import { announce } from '@/ui/announce';
import { Confirm } from '@/ui/Confirm';

interface RemoveMemberProps {
  namespace: string;
  member: Member;
  onClose: () => void;
}

/** Asks before somebody loses their role; whoever leaves themselves is led away from what they may no longer see. */
export default function RemoveMember({ namespace, member, onClose }: RemoveMemberProps) {
  const say = useWords();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { user } = useSession();
  const remove = useRemoveMember(namespace);
  const oneself = user?.username === member.username;
  const confirm = () =>
    remove.mutate(member.username, {
      onSuccess: async () => {
        announce(say('console.namespaces.removed', { name: member.username }));
        onClose();
        if (!oneself || user?.admin) return;
        await navigate({ to: '/namespaces' });
        void queries.invalidateQueries({ queryKey: namespaceKeys.all });
      },
    });
  return (
    <Confirm
      title={say('console.namespaces.remove_named', { name: member.username })}
      action={say('console.namespaces.remove_member')}
      danger
      onConfirm={confirm}
      onClose={onClose}
      pending={remove.isPending}
      problem={remove.error}
    >
      <Text>{say(oneself ? 'console.namespaces.leave_text' : 'console.namespaces.remove_text', { namespace })}</Text>
      <Text c="dimmed">{say('console.namespaces.rules_stop_text')}</Text>
    </Confirm>
  );
}
