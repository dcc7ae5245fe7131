import { type ReactNode, useRef } from 'react';
import { useRowWindow } from './rowWindow';

/** Height (px) of a row before it was measured. */
const ROW = 44;

interface VirtualRowsProps {
  rows: number;
  keyAt: (index: number) => string;
  children: (index: number) => ReactNode;
}

/** The body of a long table: only what is near the window is drawn; two empty rows stand for the rest. */
export default function VirtualRows({ rows, keyAt, children }: VirtualRowsProps) {
  const body = useRef<HTMLTableSectionElement>(null);
  const { shown, measure, before, after } = useRowWindow(body, { rows, keyAt, height: ROW, overscan: 6 });
  return (
    <tbody ref={body}>
      {before > 0 && <Gap height={before} />}
      {shown.map((item) => (
        // The head is row 1.
        <tr key={item.key} ref={measure} data-index={item.index} aria-rowindex={item.index + 2}>
          {children(item.index)}
        </tr>
      ))}
      {after > 0 && <Gap height={after} />}
    </tbody>
  );
}

function Gap({ height }: { height: number }) {
  return (
    <tr aria-hidden>
      <td style={{ height, padding: 0, border: 0 }} />
    </tr>
  );
}
