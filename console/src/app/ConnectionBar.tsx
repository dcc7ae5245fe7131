import { Alert } from '@mantine/core';
import { IconAlertTriangleFilled } from '@tabler/icons-react';
import { useSession } from '@/api/session';
import { useWords } from './words';

/** A standing warning where the operator allowed sign-ins that anybody on the way can read. */
export function ConnectionBar() {
  const say = useWords();
  const { insecure } = useSession();
  if (!insecure) return null;
  return (
    <Alert color="yellow" variant="outline" mb="lg" icon={<IconAlertTriangleFilled size={18} color="var(--w-warning)" />} title={say('console.core.insecure')}>
      {say('console.core.insecure_text')}
    </Alert>
  );
}
