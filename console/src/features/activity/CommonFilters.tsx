import { TextInput } from '@mantine/core';
import '@/app/styles/forms';
import { useWords } from '@/app/words';
import type { Search } from './search';

/** 时间: from one day to another, both included. */
export function DayFilters({ search, onSearch }: { search: Search; onSearch: (part: Search) => void }) {
  const say = useWords();
  return (
    <>
      <DayFilter label={say('console.activity.from')} value={search.from} onChange={(from) => onSearch({ from })} />
      <DayFilter label={say('console.activity.to')} value={search.to} onChange={(to) => onSearch({ to })} />
    </>
  );
}

interface DayFilterProps {
  label: string;
  value: string | undefined;
  onChange: (value: string | undefined) => void;
}

function DayFilter({ label, value, onChange }: DayFilterProps) {
  return (
    <TextInput
      type="date"
      label={label}
      value={value ?? ''}
      onChange={(event) => onChange(event.currentTarget.value || undefined)}
      w={{ base: '100%', sm: 150 }}
    />
  );
}
