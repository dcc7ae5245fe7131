import { Text } from '@mantine/core';
import { IconDots, IconKey, IconPencil, IconPlayerPause, IconPlayerPlay, IconTrash } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';
import { type Robot, useEditRobot } from '@/api/robots';
import { useWords } from '@/app/words';
import { announce } from '@/ui/announce';
import { ActionMenu } from '@/ui/ActionMenu';
import { RowError } from '@/ui/RowError';

const Confirm = lazy(() => import('@/ui/Confirm').then((file) => ({ default: file.Confirm })));
const DeleteRobot = lazy(() => import('./DeleteRobot'));
const RotateRobot = lazy(() => import('./RotateRobot'));

type Opened = 'rotate' | 'disable' | 'delete';

interface RobotActionsProps {
  namespace: string;
  robot: Robot;
  onEdit: () => void;
}

/** What can be done with a robot. */
export function RobotActions({ namespace, robot, onEdit }: RobotActionsProps) {
  const say = useWords();
  const edit = useEditRobot(namespace);
  const [opened, setOpened] = useState<Opened>();
  const close = () => setOpened(undefined);
  const turn = (disabled: boolean) =>
    edit.mutate(
      { name: robot.name, changes: { disabled } },
      {
        onSuccess: () => {
          announce(say('console.core.saved'));
          close();
        },
      },
    );
  return (
    <>
      <ActionMenu
        label={say('console.core.actions_for', { name: robot.name })}
        icon={<IconDots size={18} aria-hidden />}
        items={[
          { label: say('console.core.edit'), icon: <IconPencil size={16} aria-hidden />, onSelect: onEdit },
          { label: say('console.namespaces.rotate'), icon: <IconKey size={16} aria-hidden />, onSelect: () => setOpened('rotate') },
          robot.disabled
            ? { label: say('console.namespaces.enable_robot'), icon: <IconPlayerPlay size={16} aria-hidden />, onSelect: () => turn(false) }
            : { label: say('console.namespaces.disable_robot'), icon: <IconPlayerPause size={16} aria-hidden />, onSelect: () => setOpened('disable') },
          { label: say('console.namespaces.delete_robot'), icon: <IconTrash size={16} aria-hidden />, danger: true, onSelect: () => setOpened('delete') },
        ]}
      />
      {/* Whoever is asked first is told where it was asked. */}
      {opened !== 'disable' && <RowError problem={edit.error} />}
      <Suspense fallback={null}>
        {opened === 'rotate' && <RotateRobot namespace={namespace} robot={robot} onClose={close} />}
        {opened === 'delete' && <DeleteRobot namespace={namespace} robot={robot} onClose={close} />}
        {opened === 'disable' && (
          <Confirm
            title={say('console.namespaces.disable_robot_named', { name: robot.name })}
            action={say('console.namespaces.disable_robot')}
            onConfirm={() => turn(true)}
            onClose={close}
            pending={edit.isPending}
            problem={edit.error}
          >
            <Text>{say('console.namespaces.robot_loses', { login: robot.login })}</Text>
          </Confirm>
        )}
      </Suspense>
    </>
  );
}
