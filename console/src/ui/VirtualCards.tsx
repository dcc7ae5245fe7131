import { type ReactNode, useRef } from 'react';
import classes from './DataTable.module.css';
import { useRowWindow } from './rowWindow';

/** Height (px) of a card before it was measured, and the space between two of them. */
const CARD = 180;
const SPACE = 12;

interface VirtualCardsProps {
  label: string;
  rows: number;
  keyAt: (index: number) => string;
  children: (index: number) => ReactNode;
}

/** A long list of cards: only what is near the window is drawn; the padding of the list stands for the rest. */
export default function VirtualCards({ label, rows, keyAt, children }: VirtualCardsProps) {
  const list = useRef<HTMLUListElement>(null);
  const { shown, measure, before, after } = useRowWindow(list, { rows, keyAt, height: CARD, gap: SPACE, overscan: 4 });
  return (
    <ul ref={list} className={classes.cards} aria-label={label} style={{ paddingBlock: `${Math.max(before, 0)}px ${Math.max(after, 0)}px` }}>
      {shown.map((item) => (
        <li key={item.key} ref={measure} data-index={item.index} aria-posinset={item.index + 1} aria-setsize={rows} className={classes.card}>
          {children(item.index)}
        </li>
      ))}
    </ul>
  );
}
