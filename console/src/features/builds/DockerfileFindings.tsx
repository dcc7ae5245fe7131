import { useWords } from '@/app/words';
import type { Finding } from '@/ui/CodeEditor';
import classes from './DockerfileFindings.module.css';

/** What the server says about a Dockerfile, in words: marks in the text alone need a pointer that hovers. */
export function DockerfileFindings({ findings }: { findings: Finding[] }) {
  const say = useWords();
  if (findings.length === 0) return null;
  return (
    <ul className={classes.list} aria-label={say('console.builds.findings')}>
      {findings.map((finding, at) => (
        // Two of them may say the same of one line.
        // oxlint-disable-next-line react/no-array-index-key
        <li key={at} className={classes.item} data-severity={finding.severity}>
          <span className={classes.line}>{say('console.builds.at_line', { line: finding.line })}</span>
          <span>
            {finding.message}
            {finding.hint && <span className="muted"> {finding.hint}</span>}
          </span>
        </li>
      ))}
    </ul>
  );
}
