import type { Repository } from '@/api/repositories';
import { useWords } from '@/app/words';
import { DataTable, type DataTableProps } from '@/ui/DataTable';
import { listImageColumns } from './columns';
import { FavoriteButton } from './FavoriteButton';
import { ImageActions } from './ImageActions';
import type { ImagesSearch } from './search';

interface ImagesTableProps {
  label: string;
  rows: Repository[];
  sort: ImagesSearch['sort'];
  onSort: (sort: ImagesSearch['sort']) => void;
  more: DataTableProps<Repository>['more'];
}

/** Images with their facts, stars and what can be done with them: all of somebody's, or those of a namespace. */
export function ImagesTable({ label, rows, sort, onSort, more }: ImagesTableProps) {
  const say = useWords();
  return (
    <DataTable
      label={label}
      columns={listImageColumns(say)}
      rows={rows}
      keyOf={(row) => row.id}
      lead={(row) => <FavoriteButton image={row} />}
      actions={(row) => <ImageActions image={row} />}
      sort={sort ?? 'name'}
      onSort={(chosen) => onSort(chosen as ImagesSearch['sort'])}
      more={more}
    />
  );
}
