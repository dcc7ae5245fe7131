import { Button, Group, Modal, Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import '@/app/styles/overlays';
import { useWords } from '@/app/words';
import { ErrorState } from './ErrorState';

interface ConfirmProps {
  title: string;
  /** What follows from it. */
  children: ReactNode;
  /** The words of the button. */
  action: string;
  /** The words of the other button, where 取消 does not say what follows. */
  cancel?: string;
  /** Whether somebody loses something by it. */
  danger?: boolean;
  /** Whether what follows is known yet: before, nothing can be confirmed. */
  ready?: boolean;
  onConfirm: () => void;
  onClose: () => void;
  pending: boolean;
  problem: unknown;
}

/** Asks before something that can be made good again. What is lost for good is asked with its name: `ConfirmByName`. */
export function Confirm({ title, children, action, cancel, danger, ready = true, onConfirm, onClose, pending, problem }: ConfirmProps) {
  const say = useWords();
  return (
    <Modal opened onClose={onClose} title={title} centered closeButtonProps={{ 'aria-label': say('console.core.close') }}>
      <Stack gap="lg">
        <Stack gap={8}>{children}</Stack>
        {problem !== undefined && problem !== null && <ErrorState problem={problem} />}
        <Group justify="flex-end">
          <Button variant="default" data-autofocus onClick={onClose}>
            {cancel ?? say('console.core.cancel')}
          </Button>
          <Button color={danger ? 'danger' : undefined} loading={pending} aria-disabled={!ready || undefined} onClick={() => ready && onConfirm()}>
            {action}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
