import { type Robot, useDeleteRobot } from '@/api/robots';
import { useWords } from '@/app/words';
import { announce } from '@/ui/announce';
import { ConfirmByName } from '@/ui/ConfirmByName';

interface DeleteRobotProps {
  namespace: string;
  robot: Robot;
  onClose: () => void;
}

/** Asks before a robot goes: what signs in as it is locked out, and its secret cannot be had again. */
export default function DeleteRobot({ namespace, robot, onClose }: DeleteRobotProps) {
  const say = useWords();
  const remove = useDeleteRobot(namespace);
  const confirm = () =>
    remove.mutate(robot.name, {
      onSuccess: () => {
        announce(say('console.namespaces.deleted', { name: robot.name }));
        onClose();
      },
    });
  return (
    <ConfirmByName
      opened
      onClose={onClose}
      title={say('console.namespaces.delete_robot_named', { name: robot.name })}
      name={robot.name}
      losses={[{ text: say('console.namespaces.robot_loses', { login: robot.login }) }]}
      action={say('console.namespaces.delete_robot')}
      onConfirm={confirm}
      pending={remove.isPending}
      problem={remove.error}
    />
  );
}
