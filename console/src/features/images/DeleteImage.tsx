import { useQuery } from '@tanstack/react-query';
import { type Losses, type Repository, repositoryLossesQuery, useDeleteRepository } from '@/api/repositories';
import { type Say, useWords, type WordKey } from '@/app/words';
import { announce } from '@/ui/announce';
import { ConfirmByName } from '@/ui/ConfirmByName';
import { formatSize } from '@/ui/format/size';

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
      losses={losses.data && sayLosses(losses.data, image.size_bytes, say)}
      action={say('console.images.delete')}
      onConfirm={confirm}
      pending={remove.isPending}
      problem={remove.error ?? losses.error}
    />
  );
}

const kinds: Record<string, WordKey> = {
  tag: 'console.images.loses.tag',
  rule: 'console.images.loses.rule',
  rule_secret: 'console.images.loses.rule_secret',
  trigger_url: 'console.images.loses.trigger_url',
  build: 'console.images.loses.build',
  link: 'console.images.loses.link',
  webhook: 'console.images.loses.webhook',
  deploy_key: 'console.images.loses.deploy_key',
  trigger: 'console.images.loses.trigger',
};

function sayLosses(losses: Losses, bytes: number, say: Say) {
  return losses.map(({ kind, count, names }) => ({
    text: say(kinds[kind] ?? 'console.images.loses.other', { count, kind, size: formatSize(bytes) }),
    names,
  }));
}
