import { VisuallyHidden } from '@mantine/core';
import { splitForCut } from './format/cut';
import classes from './MiddleCut.module.css';

/** Text up to this many characters fits nearly everywhere: it is left whole, and so easier to select. */
const FITS = 24;

/** Text in one line whose middle gives way where there is no room; whole on hover, and to whoever listens. */
export function MiddleCut({ text }: { text: string }) {
  if (text.length <= FITS) return <span className={classes.whole}>{text}</span>;
  const [start, end] = splitForCut(text);
  return (
    <span className={classes.root} title={text}>
      <VisuallyHidden className={classes.heard}>{text}</VisuallyHidden>
      <span className={classes.start} aria-hidden>
        {start}
      </span>
      <span className={classes.end} aria-hidden>
        {end}
      </span>
    </span>
  );
}
