import { Button, Group, VisuallyHidden } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconArrowsSort } from '@tabler/icons-react';
import { lazy, memo, type ReactNode, Suspense, useEffect, useRef } from 'react';
import { useWords } from '@/app/words';
import { CardList } from './CardList';
import classes from './DataTable.module.css';
import { ErrorState } from './ErrorState';
import { usePhone } from './phone';

const VirtualRows = lazy(() => import('./VirtualRows'));

/** Rows drawn without a window over them: more of them make a browser slow, fewer would fetch the window's code for small lists. */
export const DRAWN_WHOLE = 100;

export interface Column<Row> {
  key: string;
  title: string;
  cell: (row: Row) => ReactNode;
  /** Numbers: to the right, digits of one width. */
  numeric?: boolean;
  /** Takes the room that is left and cuts what it holds; names and descriptions. */
  grows?: boolean;
  /** Text that people chose, such as a branch's name: takes so much room and no more. */
  cut?: boolean;
  /** Left out where the window is narrower (px). Order of columns is their priority on cards. */
  from?: 1000 | 1200 | 1400 | 1600;
  /** The values of `sort` that order by this column, as the server knows them. */
  sort?: { up: string; down: string };
}

export interface DataTableProps<Row> {
  /** The table's name: its page's heading. */
  label: string;
  columns: Column<Row>[];
  rows: Row[];
  keyOf: (row: Row) => string;
  /** Behind each row: a menu, buttons. */
  actions?: (row: Row) => ReactNode;
  /** In front of each row: a star, a checkbox. */
  lead?: (row: Row) => ReactNode;
  /** Above those: what is about all rows that are loaded. */
  leadHead?: ReactNode;
  sort?: string;
  onSort?: (sort: string) => void;
  /** All rows of the list, where the server counts them. */
  total?: number;
  /** The query of the list: `useInfiniteQuery`'s answer as it is. */
  more?: {
    hasNextPage: boolean;
    isFetchingNextPage: boolean;
    isFetchNextPageError: boolean;
    error: unknown;
    fetchNextPage: () => unknown;
  };
}

// A plain table: Mantine's brings its scroll area, which is a tenth of the first load.

/** A list by keyset: a table that fetches on as it is scrolled, cards on a phone, a window over many rows. */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const phone = usePhone();
  return (
    <>
      {phone ? <CardList {...props} /> : <WideTable {...props} />}
      {props.more && <More more={props.more} />}
    </>
  );
}

function WideTable<Row>(props: DataTableProps<Row>) {
  const { label, columns, rows, keyOf, lead, leadHead, actions, total } = props;
  const say = useWords();
  return (
    <table className={classes.table} aria-label={label} aria-rowcount={total ?? (props.more?.hasNextPage ? -1 : rows.length + 1)}>
      <thead>
        <tr>
          {lead && <th className={classes.lead}>{leadHead ?? <VisuallyHidden>{say('console.core.mark')}</VisuallyHidden>}</th>}
          {columns.map((column) => (
            <Head key={column.key} column={column} sort={props.sort} onSort={props.onSort} />
          ))}
          {actions && <th className={classes.actions}><VisuallyHidden>{say('console.core.actions')}</VisuallyHidden></th>}
        </tr>
      </thead>
      {rows.length <= DRAWN_WHOLE ? (
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)}>
              <Cells row={row} columns={columns} lead={lead} actions={actions} />
            </tr>
          ))}
        </tbody>
      ) : (
        <Suspense fallback={null}>
          <VirtualRows rows={rows.length} keyAt={(index) => keyOf(rows[index] as Row)}>
            {(index) => <Cells row={rows[index] as Row} columns={columns} lead={lead} actions={actions} />}
          </VirtualRows>
        </Suspense>
      )}
    </table>
  );
}

function Head<Row>({ column, sort, onSort }: { column: Column<Row>; sort?: string; onSort?: (sort: string) => void }) {
  const up = column.sort?.up;
  const down = column.sort?.down;
  const order = sort !== undefined && sort === up ? 'ascending' : sort !== undefined && sort === down ? 'descending' : undefined;
  const Icon = order === 'ascending' ? IconArrowUp : order === 'descending' ? IconArrowDown : IconArrowsSort;
  return (
    <th className={styleOf(column)} aria-sort={order}>
      {up && down && onSort ? (
        <button type="button" className={classes.sort} onClick={() => onSort(order === 'descending' ? up : down)}>
          {column.title}
          <Icon size={14} aria-hidden />
        </button>
      ) : (
        column.title
      )}
    </th>
  );
}

function CellsOfRow<Row>({ row, columns, lead, actions }: Pick<DataTableProps<Row>, 'columns' | 'lead' | 'actions'> & { row: Row }) {
  return (
    <>
      {lead && <td className={classes.lead}>{lead(row)}</td>}
      {columns.map((column) => (
        <td key={column.key} className={styleOf(column)}>
          {column.cell(row)}
        </td>
      ))}
      {actions && <td className={classes.actions}>{actions(row)}</td>}
    </>
  );
}

/** Rows that a window moves over stay as they are. */
const Cells = memo(CellsOfRow) as typeof CellsOfRow;

function styleOf<Row>(column: Column<Row>) {
  const from = column.from ? classes[`from${column.from}`] : undefined;
  return [column.numeric && 'number', column.grows && classes.grows, column.cut && classes.cut, from].filter(Boolean).join(' ') || undefined;
}

/** Fetches on when the end comes near; the button is for whoever does not scroll. */
function More({ more }: { more: NonNullable<DataTableProps<unknown>['more']> }) {
  const say = useWords();
  const end = useRef<HTMLDivElement>(null);
  const { hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage } = more;
  const ready = hasNextPage && !isFetchingNextPage && !isFetchNextPageError;
  useEffect(() => {
    const element = end.current;
    if (!element || !ready) return;
    const observer = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && fetchNextPage(), {
      // Two screens ahead: a reader who scrolls does not see the end.
      rootMargin: '200% 0px',
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [ready, fetchNextPage]);
  if (isFetchNextPageError) return <ErrorState problem={more.error} retry={fetchNextPage} />;
  if (!hasNextPage) return null;
  return (
    <Group ref={end} justify="center" py="md">
      <Button variant="default" onClick={() => fetchNextPage()} loading={isFetchingNextPage}>
        {say('console.core.more')}
      </Button>
    </Group>
  );
}
