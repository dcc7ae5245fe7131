import { Text } from '@mantine/core';
import { type Removal, useDismissRemoval } from '@/api/sources';
import { useWords } from '@/app/words';
import { Confirm } from '@/ui/Confirm';
import { hostOf } from './kinds';

/** 放弃: says what stays at the code host before nobody tries to remove it any longer. */
export default function DismissRemoval({ removal, onClose }: { removal: Removal; onClose: () => void }) {
  const say = useWords();
  const dismiss = useDismissRemoval();
  return (
    <Confirm
      title={say('console.sources.dismiss_named', { name: removal.remote })}
      action={say('console.sources.dismiss')}
      danger
      onConfirm={() => dismiss.mutate(removal.id, { onSuccess: onClose })}
      onClose={onClose}
      pending={dismiss.isPending}
      problem={dismiss.error}
    >
      <Text>{say('console.sources.dismiss_text', { id: removal.host_id, host: hostOf(removal.address) })}</Text>
    </Confirm>
  );
}
