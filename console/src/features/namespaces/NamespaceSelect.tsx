import { Select, type SelectProps } from '@mantine/core';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { namespacesQuery } from '@/api/namespaces';
import { joinPages } from '@/api/page';
import type { Verb } from '@/api/session';
import '@/app/styles/forms';
import { useWords } from '@/app/words';
import { useSettled } from '@/ui/settled';

interface NamespaceSelectProps extends Omit<SelectProps<string>, 'data' | 'searchable' | 'onSearchChange' | 'filter' | 'value' | 'onChange'> {
  value: string | null;
  onChange: (namespace: string | null) => void;
  /** What the reader has to be allowed to do there; all that they see are offered where this is missing. */
  verb?: Verb;
}

/** A namespace, searched on the server as it is typed: there may be any number of them. */
export function NamespaceSelect({ verb, value, onChange, ...input }: NamespaceSelectProps) {
  const say = useWords();
  const [typed, setTyped] = useState('');
  const q = useSettled(typed.trim());
  // What is chosen stands in the field, and is no search.
  const found = useInfiniteQuery({ ...namespacesQuery({ q: q && q !== value ? q : undefined, may: verb }), placeholderData: keepPreviousData });
  const names = joinPages(found.data ?? { pages: [] }).map(({ name }) => name);
  return (
    <Select
      label={say('console.core.namespace')}
      clearButtonProps={{ 'aria-label': say('console.core.clear') }}
      nothingFoundMessage={say('console.core.nothing_matches')}
      {...input}
      data={value && !names.includes(value) ? [value, ...names] : names}
      value={value}
      onChange={onChange}
      // A dialog that begins with it would have its buttons below the list.
      openOnFocus={false}
      searchable
      onSearchChange={setTyped}
      filter={({ options }) => options}
    />
  );
}
