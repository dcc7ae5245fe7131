import { IconStar, IconStarFilled } from '@tabler/icons-react';
import { type Repository, useFavorite } from '@/api/repositories';
import { useWords } from '@/app/words';
import { IconButton } from '@/ui/IconButton';

/** The star of an image: shown at once, taken back where the server refuses. */
export function FavoriteButton({ image }: { image: Pick<Repository, 'name' | 'favorite'> }) {
  const say = useWords();
  const change = useFavorite();
  const { name, favorite } = image;
  return (
    <IconButton
      aria-label={say('console.images.favourite', { name })}
      aria-pressed={favorite}
      title={say('console.images.favourite', { name })}
      onClick={() => change.mutate({ name, favorite: !favorite })}
    >
      {favorite ? <IconStarFilled size={18} color="var(--w-warning)" /> : <IconStar size={18} />}
    </IconButton>
  );
}
