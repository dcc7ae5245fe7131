import { useSuspenseQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { clusterQuery, useEditCluster } from '@/api/clusters';
import { Page } from '@/app/Page';
import { useWords } from '@/app/words';
import { ClusterForm } from './ClusterForm';
import { readCluster, writeChanges } from './draft';

/** Another name, region, registry address or credential of a cluster. */
export function EditClusterPage({ cluster: name }: { cluster: string }) {
  const say = useWords();
  const navigate = useNavigate();
  const cluster = useSuspenseQuery(clusterQuery(name)).data;
  const edit = useEditCluster(name);
  const [initial] = useState(() => readCluster(cluster));
  const title = say('console.clusters.edit_named', { name });
  return (
    <Page
      title={title}
      crumbs={[
        { label: say('console.clusters.title'), to: '/clusters' },
        { label: name, to: '/clusters/$cluster', params: { cluster: name } },
      ]}
    >
      <ClusterForm
        initial={initial}
        exists
        pending={edit.isPending}
        onSave={async (draft) => {
          const changed = await edit.mutateAsync(writeChanges(draft));
          await navigate({ to: '/clusters/$cluster', params: { cluster: changed.name } });
        }}
      />
    </Page>
  );
}
