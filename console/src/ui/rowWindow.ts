// Of a long list only what is near the window is drawn; gaps stand for the rest. Fetched with the lists that need it.
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { type RefObject, useLayoutEffect, useState } from 'react';

interface RowWindowProps {
  rows: number;
  keyAt: (index: number) => string;
  /** Height (px) of a row before it was measured, and the space to the next one. */
  height: number;
  gap?: number;
  /** Rows drawn beyond the window, on each side. */
  overscan: number;
}

/** What is drawn, how to measure it, and how high (px) the gaps before and after it are. */
export function useRowWindow(list: RefObject<HTMLElement | null>, { rows, keyAt, height, gap = 0, overscan }: RowWindowProps) {
  const [top, setTop] = useState(0);
  useLayoutEffect(() => {
    const box = list.current?.getBoundingClientRect();
    if (box) setTop(box.top + window.scrollY);
  }, [list]);
  const virtual = useWindowVirtualizer({ count: rows, estimateSize: () => height, getItemKey: keyAt, scrollMargin: top, gap, overscan });
  const shown = virtual.getVirtualItems();
  return {
    shown,
    measure: virtual.measureElement,
    before: (shown[0]?.start ?? top) - top,
    after: virtual.getTotalSize() - ((shown.at(-1)?.end ?? top) - top),
  };
}
