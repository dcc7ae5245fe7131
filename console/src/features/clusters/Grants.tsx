import { ActionIcon, Button, Group, Table, Title } from '@mantine/core';
import { IconPencil, IconPlus } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';
import type { Cluster } from '@/api/clusters';
import { useWords } from '@/app/words';
import { EmptyPlace } from '@/ui/EmptyPlace';
import { Time } from '@/ui/Time';
import classes from './clusters.module.css';

const GrantForm = lazy(() => import('./GrantForm'));

/** Which namespaces may use which Kubernetes namespaces of a cluster; nothing is granted by itself. */
export function Grants({ cluster }: { cluster: Cluster }) {
  const say = useWords();
  const [open, setOpen] = useState<{ namespace?: string }>();
  const edits = cluster.may.includes('edit');
  const title = say('console.clusters.grants');
  const add = edits && (
    <Button variant="default" leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setOpen({})}>
      {say('console.clusters.grant')}
    </Button>
  );
  return (
    <section aria-labelledby="grants">
      <Group justify="space-between" mb="sm" maw={1000}>
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
        <div className={classes.scroll}>
          <Table aria-label={title} maw={1000}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{say('console.core.namespace')}</Table.Th>
                <Table.Th>{say('console.clusters.kube_namespaces')}</Table.Th>
                <Table.Th>{say('console.clusters.granted_by')}</Table.Th>
                {edits && (
                  <Table.Th>
                    <span className={classes.hidden}>{say('console.core.actions')}</span>
                  </Table.Th>
                )}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {cluster.grants.map((grant) => (
                <Table.Tr key={grant.namespace}>
                  <Table.Td>{grant.namespace}</Table.Td>
                  <Table.Td className={classes.kubes}>
                    {grant.cluster_namespaces.map((kube) => (
                      <code key={kube}>{kube}</code>
                    ))}
                  </Table.Td>
                  <Table.Td>
                    {grant.created_by} · <Time at={grant.created_at} />
                  </Table.Td>
                  {edits && (
                    <Table.Td className="number">
                      <ActionIcon
                        aria-label={say('console.clusters.edit_grant', { namespace: grant.namespace })}
                        title={say('console.clusters.edit_grant', { namespace: grant.namespace })}
                        onClick={() => setOpen({ namespace: grant.namespace })}
                      >
                        <IconPencil size={18} />
                      </ActionIcon>
                    </Table.Td>
                  )}
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </div>
      )}
      {open && (
        <Suspense fallback={null}>
          <GrantForm cluster={cluster} namespace={open.namespace} onClose={() => setOpen(undefined)} />
        </Suspense>
      )}
    </section>
  );
}
