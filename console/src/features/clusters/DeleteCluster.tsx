import { type Cluster, useDeleteCluster } from '@/api/clusters';
import { useWords } from '@/app/words';
import { DeleteByName } from '@/ui/DeleteByName';

interface DeleteClusterProps {
  cluster: Cluster;
  onClose: () => void;
  onDeleted: () => void;
}

/** Asks before a cluster goes, with its credential and what was granted of it. */
export default function DeleteCluster({ cluster, onClose, onDeleted }: DeleteClusterProps) {
  const say = useWords();
  const { name } = cluster;
  const granted = cluster.grants.map((grant) => grant.namespace);
  return (
    <DeleteByName
      remove={useDeleteCluster()}
      name={name}
      title={say('console.clusters.delete_named', { name })}
      losses={[
        ...(granted.length > 0 ? [{ text: say('console.clusters.loses_grants', { count: granted.length }), names: granted }] : []),
        { text: say('console.clusters.loses_triggers') },
      ]}
      action={say('console.clusters.delete')}
      deleted={say('console.clusters.deleted', { name })}
      onClose={onClose}
      onDeleted={onDeleted}
    />
  );
}
