import type { ClusterCheck } from '@/api/clusters';
import { useWords } from '@/app/words';
import { Notice } from '@/ui/Notice';
import classes from './clusters.module.css';

/** What a check found: all rights, or those that are lacking and where. That the cluster does not answer is said elsewhere. */
export function CheckResult({ check }: { check: ClusterCheck }) {
  const say = useWords();
  if (!check.ok) return null;
  if (check.missing.length === 0) {
    return <Notice tone="success" title={say('console.clusters.check_ok')} />;
  }
  return (
    <Notice tone="warning" title={say('console.clusters.rights_missing')}>
      <span>{say('console.clusters.rights_missing_text')}</span>
      <dl className={classes.missing}>
        {check.missing.map(({ cluster_namespace, rights }) => (
          <div key={cluster_namespace}>
            <dt>{cluster_namespace}</dt>
            <dd>
              {rights.map((right) => (
                <code key={right}>{right}</code>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </Notice>
  );
}
