import type { DataTableProps } from './DataTable';
import classes from './DataTable.module.css';

/** The rows of a table on a phone: the first column is a card's head, the others are its facts in their order. */
export function CardList<Row>({ label, columns, rows, keyOf, lead, actions }: DataTableProps<Row>) {
  const [first, ...facts] = columns;
  return (
    <ul className={classes.cards} aria-label={label}>
      {rows.map((row) => (
        <li key={keyOf(row)} className={classes.card}>
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
        </li>
      ))}
    </ul>
  );
}
