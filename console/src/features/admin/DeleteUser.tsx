import { useQuery } from '@tanstack/react-query';
import { useDeleteUser, userLossesQuery } from '@/api/users';
import { useWords } from '@/app/words';
import { sayLosses } from '@/features/namespaces/losses';
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
      losses={losses.data && sayLosses(losses.data, say)}
      action={say('console.admin.users.delete')}
      onConfirm={confirm}
      pending={remove.isPending}
      problem={remove.error ?? losses.error}
    />
  );
}
