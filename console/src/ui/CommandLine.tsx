import { Copy } from './Copy';
import classes from './CommandLine.module.css';

interface CommandLineProps {
  text: string;
  /** What is copied: "login command". */
  label: string;
}

/** A command or a piece of a file, to be copied as it stands. */
export function CommandLine({ text, label }: CommandLineProps) {
  return (
    <div className={classes.root}>
      <pre className={classes.text} tabIndex={0} aria-label={label} role="group">
        {text}
      </pre>
      <Copy value={text} label={label} />
    </div>
  );
}
