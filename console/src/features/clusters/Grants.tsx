import { Button, Group, Title } from '@mantine/core';
import { IconPencil, IconPlus } from '@tabler/icons-react';
import { lazy, Suspense } from 'react';
import type { Cluster } from '@/api/clusters';
import { type FormSearch, noForm, useOverList } from '@/app/overList';
import { useWords } from '@/app/words';
import { DataTable } from '@/ui/DataTable';
import { EmptyPlace } from '@/ui/EmptyPlace';
import { IconButton } from '@/ui/IconButton';
import { Time } from '@/ui/Time';
import classes from './clusters.module.css';

const GrantForm = lazy(() => import('./GrantForm'));

/** Which namespaces may use which Kubernetes namespaces of a cluster; nothing is granted by itself. */
export function Grants({ cluster, search }: { cluster: Cluster; search: FormSearch }) {
  const say = useWords();
  const form = useOverList<FormSearch>(noForm);
  const edits = cluster.may.includes('edit');
  const title = say('console.clusters.grants');
  const add = edits && (
    <Button variant="default" leftSection={<IconPlus size={16} aria-hidden />} onClick={() => form.open({ add: true })}>
      {say('console.clusters.grant')}
    </Button>
  );
  return (
    <section aria-labelledby="grants">
      <Group justify="space-between" mb="sm">
        <Title order={2} id="grants">
          {title}
        </Title>
        {cluster.grants.length > 0 && add}
      </Group>
      {cluster.grants.length === 0 ? (
        <EmptyPlace title={say('console.clusters.no_grants')} text={say('console.clusters.no_grants_text')}>
          {add}
        </EmptyPlace>
      ) : (
        <DataTable
          label={title}
          columns={[
            { key: 'namespace', title: say('console.core.namespace'), cell: (grant) => grant.namespace },
            {
              key: 'kube',
              title: say('console.clusters.kube_namespaces'),
              cell: (grant) => (
                <span className={classes.kubes}>
                  {grant.cluster_namespaces.map((kube) => (
                    <code key={kube}>{kube}</code>
                  ))}
                </span>
              ),
            },
            { key: 'by', title: say('console.clusters.granted_by'), cell: (grant) => grant.created_by },
            { key: 'at', title: say('console.core.created'), cell: (grant) => <Time at={grant.created_at} /> },
          ]}
          rows={cluster.grants}
          keyOf={(grant) => grant.namespace}
          actions={
            edits
              ? (grant) => (
                  <IconButton
                    aria-label={say('console.clusters.edit_grant', { namespace: grant.namespace })}
                    title={say('console.clusters.edit_grant', { namespace: grant.namespace })}
                    onClick={() => form.open({ edit: grant.namespace })}
                  >
                    <IconPencil size={18} />
                  </IconButton>
                )
              : undefined
          }
        />
      )}
      {edits && (search.add || search.edit !== undefined) && (
        <Suspense fallback={null}>
          <GrantForm key={search.edit ?? ''} cluster={cluster} namespace={search.edit} onClose={form.close} />
        </Suspense>
      )}
    </section>
  );
}
