import { Code, Skeleton, Title } from '@mantine/core';
import '@mantine/core/styles/Code.layer.css';
import { useQuery } from '@tanstack/react-query';
import { manifestQuery } from '@/api/clusters';
import { useWords } from '@/app/words';
import { Copy } from '@/ui/Copy';
import { ErrorState } from '@/ui/ErrorState';
import classes from './clusters.module.css';

/** RBAC: the least rights that the grants take, to be applied to the cluster. */
export function Manifest({ cluster }: { cluster: string }) {
  const say = useWords();
  const manifest = useQuery(manifestQuery(cluster, ''));
  return (
    <section aria-labelledby="rbac">
      <Title order={2} id="rbac">
        RBAC
      </Title>
      <p className="muted" style={{ margin: '4px 0 12px' }}>
        {say('console.clusters.rbac_text')}
      </p>
      {manifest.isPending && <Skeleton height={160} maw={1000} />}
      {manifest.error && <ErrorState problem={manifest.error} retry={() => void manifest.refetch()} />}
      {manifest.data && (
        <>
          <Copy spelled value={manifest.data.yaml} label="RBAC" />
          <Code block mt="sm" className={classes.yaml} tabIndex={0} role="group" aria-label="RBAC">
            {manifest.data.yaml}
          </Code>
        </>
      )}
    </section>
  );
}
