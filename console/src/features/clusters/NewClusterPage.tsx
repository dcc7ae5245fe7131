import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { setGrants, useAddCluster } from '@/api/clusters';
import { useSession } from '@/api/session';
import { Page } from '@/app/Page';
import { useWords } from '@/app/words';
import { ClusterForm } from './ClusterForm';
import { newCluster, writeCluster } from './draft';
import type { RefusedGrant } from './refused';

/** The first grant; answers what was refused of it. */
async function grant(cluster: string, namespace: string, kube: string[]): Promise<RefusedGrant | undefined> {
  try {
    await setGrants({ cluster, namespace, kube });
    return undefined;
  } catch (error) {
    return { namespace, reason: error instanceof Error ? error.message : String(error) };
  }
}

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
          // The cluster is there by now and its page opens in any case: it says what became of the grant.
          const refused = draft.grant_to === null ? undefined : await grant(name, draft.grant_to, draft.kube);
          await navigate({ to: '/clusters/$cluster', params: { cluster: name }, state: { refusedGrant: refused } });
        }}
      />
    </Page>
  );
}
