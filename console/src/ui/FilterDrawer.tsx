import { Button, Drawer, Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import '@/app/styles/forms';
import '@/app/styles/overlays';
import { useWords } from '@/app/words';

interface FilterDrawerProps {
  opened: boolean;
  onClose: () => void;
  children: ReactNode;
}

/** The filters of a list on a phone; they act at once, behind it. */
export default function FilterDrawer({ opened, onClose, children }: FilterDrawerProps) {
  const say = useWords();
  return (
    <Drawer opened={opened} onClose={onClose} position="bottom" size="60%" title={say('console.core.filter')} closeButtonProps={{ 'aria-label': say('console.core.close') }}>
      <Stack gap="md" pb="md">
        {children}
        <Button onClick={onClose}>{say('console.core.done')}</Button>
      </Stack>
    </Drawer>
  );
}
