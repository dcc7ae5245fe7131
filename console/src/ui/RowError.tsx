import { isProblem } from '@/api/problem';
import { useWords } from '@/app/words';
import classes from './RowError.module.css';

/** Why what was done to a row did not happen, in the row itself; nothing where it did. */
export function RowError({ problem }: { problem: unknown }) {
  const say = useWords();
  if (problem === undefined || problem === null) return null;
  const known = isProblem(problem) ? problem : undefined;
  return (
    <div role="alert" className={classes.root}>
      {known ? [known.detail, known.hint].filter(Boolean).join(' ') : say('console.core.page_broke')}
    </div>
  );
}
