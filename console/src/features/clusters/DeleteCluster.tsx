import { type Cluster, useDeleteCluster } from '@/api/clusters';
import { useWords } from '@/app/words';
import { announce } from '@/ui/announce';
import { ConfirmByName } from '@/ui/ConfirmByName';

interface DeleteClusterProps {
  cluster: Cluster;
  onClose: () => void;
  onDeleted: () => void;
}

/** Asks before a cluster goes, with its credential and what was granted of it. */
export default function DeleteCluster({ cluster, onClose, onDeleted }: DeleteClusterProps) {
  const say = useWords();
  const remove = useDeleteCluster();
  const granted = cluster.grants.map((grant) => grant.namespace);
  const confirm = () =>
    remove.mutate(cluster.name, {
      onSuccess: () => {
        announce(say('console.clusters.deleted', { name: cluster.name }));
        onClose();
        onDeleted();
      },
    });
  return (
    <ConfirmByName
      opened
      onClose={onClose}
      title={say('console.clusters.delete_named', { name: cluster.name })}
      name={cluster.name}
      losses={[
        ...(granted.length > 0 ? [{ text: say('console.clusters.loses_grants', { count: granted.length }), names: granted }] : []),
        { text: say('console.clusters.loses_triggers') },
      ]}
      action={say('console.clusters.delete')}
      onConfirm={confirm}
      pending={remove.isPending}
      problem={remove.error}
    />
  );
}
