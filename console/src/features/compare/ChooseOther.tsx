import { Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { joinPages } from '@/api/page';
import { versionsQuery } from '@/api/versions';
import { useWords } from '@/app/words';
import { ErrorState } from '@/ui/ErrorState';

/** How long (ms) after the last key the list is asked. */
const SETTLED = 250;

/** Of a comparison the first version is known, as on its own page: the other one is chosen here; the server searches. */
export function ChooseOther({ name, a }: { name: string; a: string }) {
  const say = useWords();
  const navigate = useNavigate();
  const [typed, setTyped] = useState('');
  const [q] = useDebouncedValue(typed.trim() || undefined, SETTLED);
  const versions = useInfiniteQuery({ ...versionsQuery(name, { q, sort: '-pushed' }), placeholderData: keepPreviousData });
  const others = versions.data ? joinPages(versions.data).filter((version) => version.name !== a) : [];
  return (
    <>
      <Select
        label={say('console.compare.with', { a })}
        data={others.map((version) => version.name)}
        // What matches is the server's to say.
        filter={({ options }) => options}
        searchable
        searchValue={typed}
        onSearchChange={setTyped}
        nothingFoundMessage={versions.isSuccess ? say('console.core.nothing_matches') : undefined}
        value={null}
        onChange={(b) => b && void navigate({ to: '/images/$name/compare', params: { name }, search: { a, b }, replace: true })}
        maw={400}
      />
      {versions.error && <ErrorState problem={versions.error} retry={() => void versions.refetch()} />}
    </>
  );
}
