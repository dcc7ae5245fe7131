import { Select } from '@mantine/core';
import '@/app/styles/forms';
import { useWords } from '@/app/words';
import type { Column } from './DataTable';

export interface SortSelectProps {
  columns: Pick<Column<unknown>, 'title' | 'sort'>[];
  sort: string;
  onSort: (sort: string) => void;
}

/** By what a list is ordered, where its columns have no heads: on a phone, among its filters. */
export default function SortSelect({ columns, sort, onSort }: SortSelectProps) {
  const say = useWords();
  const data = columns.flatMap(({ title, sort: by }) =>
    by
      ? [
          { value: by.up, label: say('console.core.sort_up', { title }) },
          { value: by.down, label: say('console.core.sort_down', { title }) },
        ]
      : [],
  );
  return <Select label={say('console.core.sort')} data={data} value={sort} onChange={(chosen) => chosen && onSort(chosen)} allowDeselect={false} />;
}
