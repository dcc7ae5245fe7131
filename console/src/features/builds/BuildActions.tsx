import { IconBan, IconDotsVertical, IconRefresh } from '@tabler/icons-react';
import { type Build, useCancelBuild, useRetryBuild } from '@/api/builds';
import { useWords } from '@/app/words';
import { ActionMenu, type MenuAction } from '@/ui/ActionMenu';
import { RowError } from '@/ui/RowError';
import { isOver } from './buildState';

interface BuildActionsProps {
  image: string;
  build: Build;
  onStarted: (number: number) => void;
}

/** What can be done with a build out of the list; nothing where nothing may be done. */
export function BuildActions({ image, build, onStarted }: BuildActionsProps) {
  const say = useWords();
  const cancel = useCancelBuild(image);
  const retry = useRetryBuild(image);
  const failed = cancel.error ?? retry.error;
  const items: MenuAction[] = [];
  if (!isOver(build) && build.may.includes('cancel')) {
    items.push({
      label: say('console.builds.cancel'),
      icon: <IconBan size={16} aria-hidden />,
      unless: build.stopping ? say('console.builds.stopping') : undefined,
      onSelect: () => cancel.mutate(build.number),
    });
  }
  if (isOver(build) && build.may.includes('retry')) {
    items.push({
      label: say('console.core.retry'),
      icon: <IconRefresh size={16} aria-hidden />,
      onSelect: () => retry.mutate(build.number, { onSuccess: (started) => onStarted(started.number) }),
    });
  }
  if (items.length === 0) return null;
  return (
    <>
      <ActionMenu label={say('console.builds.actions', { number: build.number })} icon={<IconDotsVertical size={16} aria-hidden />} items={items} />
      <RowError problem={failed} />
    </>
  );
}
