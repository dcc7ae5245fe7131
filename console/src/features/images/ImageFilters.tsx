import { lazy, Suspense } from 'react';
import { useWords } from '@/app/words';
import { Choices } from '@/ui/Choices';
import { FilterInput } from '@/ui/FilterInput';
import { Filters } from '@/ui/Filters';
import { PhoneSort } from '@/ui/PhoneSort';
import { listImageColumns } from './columns';
import type { ImagesSearch } from './search';

const NamespaceSelect = lazy(() => import('@/features/namespaces/NamespaceSelect').then((file) => ({ default: file.NamespaceSelect })));

type Narrowing = Pick<ImagesSearch, 'q' | 'type' | 'ns' | 'sort'>;

interface ImageFiltersProps {
  search: Narrowing;
  onChange: (part: Narrowing) => void;
  /** Where they may be of several namespaces. */
  onNamespace?: (namespace: string | undefined) => void;
}

/** What narrows a list of images: a part of the name, and who may pull them; on a phone also their order. */
export function ImageFilters({ search, onChange, onNamespace }: ImageFiltersProps) {
  const say = useWords();
  return (
    <Filters
      active={[search.type, search.ns, search.sort].filter(Boolean).length}
      lead={<FilterInput label={say('console.images.filter')} value={search.q} onChange={(q) => onChange({ q })} />}
    >
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
      {onNamespace && (
        <Suspense fallback={null}>
          <NamespaceSelect
            label={undefined}
            aria-label={say('console.core.namespace')}
            placeholder={say('console.core.namespace')}
            value={search.ns ?? null}
            onChange={(namespace) => onNamespace(namespace ?? undefined)}
            clearable
            w={{ base: '100%', sm: 200 }}
          />
        </Suspense>
      )}
      <PhoneSort columns={listImageColumns(say)} sort={search.sort ?? 'name'} onSort={(sort) => onChange({ sort: sort as ImagesSearch['sort'] })} />
    </Filters>
  );
}
