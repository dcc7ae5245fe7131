import { useQuery } from '@tanstack/react-query';
import { namespaceLossesQuery, useDeleteNamespace } from '@/api/namespaces';
import { useWords } from '@/app/words';
import { announce } from '@/ui/announce';
import { ConfirmByName } from '@/ui/ConfirmByName';
import { sayLosses } from './losses';

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
