import { Text } from '@mantine/core';
import { type Robot, useRotateRobot } from '@/api/robots';
import { useWords } from '@/app/words';
import { SecretOnce } from '@/features/account/SecretOnce';
import { Confirm } from '@/ui/Confirm';

interface RotateRobotProps {
  namespace: string;
  robot: Robot;
  onClose: () => void;
}

/** 更换密钥: asks first, then shows the new one once. */
export default function RotateRobot({ namespace, robot, onClose }: RotateRobotProps) {
  const say = useWords();
  const rotate = useRotateRobot(namespace);
  if (rotate.data) {
    return (
      <SecretOnce
        title={say('console.namespaces.robot_rotated')}
        secret={rotate.data.secret}
        once={say('console.namespaces.secret_once')}
        label={say('console.namespaces.robot_secret')}
        login={robot.login}
        onClose={onClose}
      />
    );
  }
  return (
    <Confirm
      title={say('console.namespaces.rotate_named', { name: robot.name })}
      action={say('console.namespaces.rotate')}
      onConfirm={() => rotate.mutate(robot.name)}
      onClose={onClose}
      pending={rotate.isPending}
      problem={rotate.error}
    >
      <Text>{say('console.namespaces.rotate_text')}</Text>
    </Confirm>
  );
}
