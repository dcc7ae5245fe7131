import { IconDots, IconTrash } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';
import type { Repository } from '@/api/repositories';
import { useWords } from '@/app/words';
import { ActionMenu } from '@/ui/ActionMenu';

const DeleteImage = lazy(() => import('./DeleteImage'));

const mayDelete = (image: Repository) => image.may.includes('delete');

/** What can be done with an image of the list; nothing where its reader may do nothing. */
export function ImageActions({ image }: { image: Repository }) {
  const say = useWords();
  const [deleting, setDeleting] = useState(false);
  if (!mayDelete(image)) return null;
  return (
    <>
      <ActionMenu
        label={say('console.core.actions_for', { name: image.name })}
        icon={<IconDots size={18} aria-hidden />}
        items={[{ label: say('console.images.delete'), icon: <IconTrash size={16} aria-hidden />, danger: true, onSelect: () => setDeleting(true) }]}
      />
      {deleting && (
        <Suspense fallback={null}>
          <DeleteImage image={image} onClose={() => setDeleting(false)} />
        </Suspense>
      )}
    </>
  );
}
