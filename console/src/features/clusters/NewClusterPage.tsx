import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { setGrants, useAddCluster } from '@/api/clusters';
import { useSession } from '@/api/session';
import { Page } from '@/app/Page';
import { useWords } from '@/app/words';
import { ClusterForm } from './ClusterForm';
import { newCluster, writeCluster } from './draft';

/** 添加集群: asked once as soon as it is there. */
export function NewClusterPage() {
  const say = useWords();
  const navigate = useNavigate();
  const { address } = useSession();
  const add = useAddCluster();
  const [initial] = useState(() => newCluster(address));
  return (
    <Page title={say('console.clusters.add')} crumbs={[{ label: say('console.clusters.title'), to: '/clusters' }]}>
      <ClusterForm
        initial={initial}
        exists={false}
        pending={add.isPending}
        onSave={async (draft) => {
          const { name } = await add.mutateAsync(writeCluster(draft));
          // The cluster is there by now and its page opens in any case: of what was refused it shows no grant.
          if (draft.grant_to !== null) await setGrants({ cluster: name, namespace: draft.grant_to, kube: draft.kube }).catch(() => undefined);
          await navigate({ to: '/clusters/$cluster', params: { cluster: name } });
        }}
      />
    </Page>
  );
}
