import { IconChevronRight } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import classes from './Disclosure.module.css';
import { PartBoundary } from './PartBoundary';

interface DisclosureProps {
  title: string;
  opened?: boolean;
  /** Told what somebody did; also once where it begins open. */
  onToggle?: (open: boolean) => void;
  children: ReactNode;
}

/** A part that is there when it is asked for; what is in it is made at the first opening, and stays. */
export function Disclosure({ title, opened = false, onToggle, children }: DisclosureProps) {
  const [open, setOpen] = useState(opened);
  const [made, setMade] = useState(opened);
  return (
    <details
      className={classes.root}
      open={open}
      onToggle={(event) => {
        setOpen(event.currentTarget.open);
        if (event.currentTarget.open) setMade(true);
        onToggle?.(event.currentTarget.open);
      }}
    >
      <summary className={classes.summary}>
        <IconChevronRight size={16} className={classes.chevron} aria-hidden />
        {title}
      </summary>
      <div className={classes.content}>{made && <PartBoundary>{children}</PartBoundary>}</div>
    </details>
  );
}
