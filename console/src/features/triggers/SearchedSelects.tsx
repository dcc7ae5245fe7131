// Images and versions, searched on the server as they are typed: there may be any number of them.
import { Select, type SelectProps } from '@mantine/core';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useEffect, useEffectEvent, useState } from 'react';
import { joinPages } from '@/api/page';
import { repositoriesQuery } from '@/api/repositories';
import { versionsQuery } from '@/api/versions';
import { useWords } from '@/app/words';
import { useSettled } from '@/ui/settled';

interface FoundSelectProps extends Pick<SelectProps<string>, 'label' | 'error' | 'mt' | 'allowDeselect'> {
  'data-autofocus'?: boolean;
  /** What was found for what is typed. */
  names: string[];
  value: string | null;
  onChange: (name: string | null) => void;
  onType: (text: string) => void;
}

function FoundSelect({ names, value, onType, ...input }: FoundSelectProps) {
  const say = useWords();
  return (
    <Select
      {...input}
      data={value && !names.includes(value) ? [value, ...names] : names}
      value={value}
      searchable
      onSearchChange={onType}
      filter={({ options }) => options}
      nothingFoundMessage={say('console.core.nothing_matches')}
    />
  );
}

interface ImageSelectProps {
  namespace: string;
  value: string | null;
  onChange: (name: string) => void;
  mt?: SelectProps['mt'];
}

/** An image of a namespace; the first one until somebody chooses. */
export function ImageSelect({ namespace, value, onChange, mt }: ImageSelectProps) {
  const say = useWords();
  const [typed, setTyped] = useState('');
  const q = useSettled(typed.trim());
  // What is chosen stands in the field, and is no search.
  const images = useInfiniteQuery({ ...repositoriesQuery({ namespace, q: q && q !== value ? q : undefined }), placeholderData: keepPreviousData });
  const names = joinPages(images.data ?? { pages: [] }).map(({ name }) => name);
  const begin = useEffectEvent((name: string) => onChange(name));
  const first = value === null ? names[0] : undefined;
  useEffect(() => {
    if (first !== undefined) begin(first);
  }, [first]);
  return <FoundSelect label={say('console.triggers.trial_image')} names={names} value={value} onChange={(name) => name && onChange(name)} onType={setTyped} allowDeselect={false} mt={mt} />;
}

interface TagSelectProps {
  repository: string;
  value: string | null;
  onChange: (tag: string | null) => void;
  error?: string;
}

/** A version of an image. */
export function TagSelect({ repository, value, onChange, error }: TagSelectProps) {
  const say = useWords();
  const [typed, setTyped] = useState('');
  const q = useSettled(typed);
  const versions = useInfiniteQuery(versionsQuery(repository, { q: q && q !== value ? q : undefined }));
  const names = joinPages(versions.data ?? { pages: [] }).map(({ name }) => name);
  return <FoundSelect label={say('console.triggers.version')} names={names} value={value} onChange={onChange} onType={setTyped} error={error} data-autofocus />;
}
