import { useState } from 'react';
import { useDeleteVersions } from '@/api/versions';
import { useWords } from '@/app/words';
import { announce } from '@/ui/announce';
import { ConfirmByName } from '@/ui/ConfirmByName';

interface DeleteVersionsProps {
  name: string;
  tags: string[];
  onClose: () => void;
  onDeleted: () => void;
}

/** Asks before versions lose their names; one is confirmed by its own name, several by the image's. */
export default function DeleteVersions({ name, tags, onClose, onDeleted }: DeleteVersionsProps) {
  const say = useWords();
  const remove = useDeleteVersions(name);
  const [opened, setOpened] = useState(true);
  const close = () => {
    setOpened(false);
    onClose();
  };
  const action = say('console.versions.delete_count', { count: tags.length });
  return (
    <ConfirmByName
      opened={opened}
      onClose={close}
      title={tags.length === 1 ? say('console.versions.delete_named', { name: tags[0] ?? '' }) : action}
      name={tags.length === 1 ? (tags[0] ?? '') : name}
      losses={[{ text: say('console.versions.loses', { count: tags.length }), names: tags }]}
      action={action}
      pending={remove.isPending}
      problem={remove.error}
      onConfirm={() =>
        remove.mutate(tags, {
          onSuccess: () => {
            announce(say('console.versions.deleted', { count: tags.length }));
            onDeleted();
            close();
          },
        })
      }
    />
  );
}
