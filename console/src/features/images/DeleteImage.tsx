import { useQuery } from '@tanstack/react-query';
import { type Repository, repositoryLossesQuery, useDeleteRepository } from '@/api/repositories';
import { useWords } from '@/app/words';
import { sayLosses } from '@/features/namespaces/losses';
import { announce } from '@/ui/announce';
import { ConfirmByName } from '@/ui/ConfirmByName';

interface DeleteImageProps {
  image: Pick<Repository, 'name' | 'size_bytes'>;
  onClose: () => void;
  /** Where its page is open: leaves it. */
  onDeleted?: () => void;
}

/** Asks before an image goes, with all that goes with it. */
export default function DeleteImage({ image, onClose, onDeleted }: DeleteImageProps) {
  const say = useWords();
  const losses = useQuery(repositoryLossesQuery(image.name));
  const remove = useDeleteRepository();
  const confirm = () =>
    remove.mutate(image.name, {
      onSuccess: () => {
        announce(say('console.images.deleted', { name: image.name }));
        onDeleted?.();
        onClose();
      },
    });
  return (
    <ConfirmByName
      opened
      onClose={onClose}
      title={say('console.images.delete_named', { name: image.name })}
      name={image.name}
      losses={losses.data && sayLosses(losses.data, say, image.size_bytes)}
      action={say('console.images.delete')}
      onConfirm={confirm}
      pending={remove.isPending}
      problem={remove.error ?? losses.error}
    />
  );
}
