import { lazy, Suspense } from 'react';
import { DRAWN_WHOLE, type DataTableProps } from './DataTable';
import classes from './DataTable.module.css';

const VirtualCards = lazy(() => import('./VirtualCards'));

/** The rows of a table on a phone: the first column is a card's head, the others are its facts in their order. */
export function CardList<Row>({ label, columns, rows, keyOf, lead, leadHead, actions }: DataTableProps<Row>) {
  return (
    <>
      {leadHead && <div className={classes.all}>{leadHead}</div>}
      {rows.length <= DRAWN_WHOLE ? (
        <ul className={classes.cards} aria-label={label}>
          {rows.map((row) => (
            <li key={keyOf(row)} className={classes.card}>
              <Card row={row} columns={columns} lead={lead} actions={actions} />
            </li>
          ))}
        </ul>
      ) : (
        <Suspense fallback={null}>
          <VirtualCards label={label} rows={rows.length} keyAt={(index) => keyOf(rows[index] as Row)}>
            {(index) => <Card row={rows[index] as Row} columns={columns} lead={lead} actions={actions} />}
          </VirtualCards>
        </Suspense>
      )}
    </>
  );
}

function Card<Row>({ row, columns: [first, ...facts], lead, actions }: Pick<DataTableProps<Row>, 'columns' | 'lead' | 'actions'> & { row: Row }) {
  return (
    <>
      <div className={classes.head}>
        {lead?.(row)}
        <div className={classes.title}>{first?.cell(row)}</div>
        {actions?.(row)}
      </div>
      <dl className={classes.facts}>
        {facts.map((column) => (
          <div key={column.key} className={classes.fact}>
            <dt>{column.title}</dt>
            <dd>{column.cell(row)}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}
