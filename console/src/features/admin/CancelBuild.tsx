import { Text } from '@mantine/core';
import { type Build, useCancelBuild } from '@/api/builds';
import { useWords } from '@/app/words';
import { announce } from '@/ui/announce';
import { Confirm } from '@/ui/Confirm';

/** Asks before somebody else's build is stopped. */
export default function CancelBuild({ build, onClose }: { build: Build; onClose: () => void }) {
  const say = useWords();
  const cancel = useCancelBuild(build.repository);
  const done = () => {
    announce(say('console.builds.stopping'));
    onClose();
  };
  return (
    <Confirm
      title={say('console.admin.workers.cancel_named', { name: `${build.repository} #${build.number}` })}
      action={say('console.builds.cancel')}
      cancel={say('console.admin.workers.keep')}
      danger
      onConfirm={() => cancel.mutate(build.number, { onSuccess: done })}
      onClose={onClose}
      pending={cancel.isPending}
      problem={cancel.error}
    >
      <Text>{say('console.admin.workers.cancel_text')}</Text>
    </Confirm>
  );
}
