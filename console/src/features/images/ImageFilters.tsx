import { Group } from '@mantine/core';
import { useWords } from '@/app/words';
import { Choices } from '@/ui/Choices';
import { FilterInput } from '@/ui/FilterInput';
import type { ImagesSearch } from './search';

interface ImageFiltersProps {
  search: Pick<ImagesSearch, 'q' | 'type'>;
  onChange: (part: Pick<ImagesSearch, 'q' | 'type'>) => void;
}

/** What narrows a list of images: who may pull them, and a part of the name. */
export function ImageFilters({ search, onChange }: ImageFiltersProps) {
  const say = useWords();
  return (
    <Group mb="md" gap="sm">
      <Choices
        label={say('console.core.type')}
        value={search.type ?? ''}
        items={[
          { value: '', label: say('console.core.all') },
          { value: 'public', label: say('console.core.public') },
          { value: 'private', label: say('console.core.private') },
        ]}
        onChange={(type) => onChange({ type: type === '' ? undefined : type })}
      />
      <FilterInput label={say('console.images.filter')} value={search.q} onChange={(q) => onChange({ q })} />
    </Group>
  );
}
