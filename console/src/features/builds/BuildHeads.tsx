import { Text } from '@mantine/core';
import { useBuildHeads } from '@/api/rules';
import { useWords } from '@/app/words';
import { announce } from '@/ui/announce';
import { Confirm } from '@/ui/Confirm';

interface BuildHeadsProps {
  image: string;
  rule: string;
  onClose: () => void;
}

/** 构建最新提交: of each branch and tag that the rule chooses; they may be many, so it is asked first. */
export default function BuildHeads({ image, rule, onClose }: BuildHeadsProps) {
  const say = useWords();
  const build = useBuildHeads(image);
  const start = () =>
    build.mutate(rule, {
      onSuccess: ({ builds }) => {
        announce(builds.length > 0 ? say('console.builds.heads_started', { count: builds.length }) : say('console.builds.heads_none'));
        onClose();
      },
    });
  return (
    <Confirm title={say('console.builds.heads_named', { name: rule })} action={say('console.builds.heads')} onConfirm={start} onClose={onClose} pending={build.isPending} problem={build.error}>
      <Text>{say('console.builds.heads_text')}</Text>
    </Confirm>
  );
}
