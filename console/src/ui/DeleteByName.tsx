import type { UseMutationResult } from '@tanstack/react-query';
import { announce } from './announce';
import { ConfirmByName, type Loss } from './ConfirmByName';

interface DeleteByNameProps {
  /** Deletes what has this name. */
  remove: UseMutationResult<unknown, Error, string>;
  name: string;
  title: string;
  losses: Loss[] | undefined;
  /** The words of the button. */
  action: string;
  /** What is said once it is gone, to who does not see the screen. */
  deleted: string;
  /** Why it is not known what would be lost. */
  problem?: unknown;
  onClose: () => void;
  onDeleted?: () => void;
}

/** Asks by name, deletes, says so. Fetch it lazily: it brings the dialog. */
export function DeleteByName({ remove, name, title, losses, action, deleted, problem, onClose, onDeleted }: DeleteByNameProps) {
  const confirm = () =>
    remove.mutate(name, {
      onSuccess: () => {
        announce(deleted);
        onClose();
        onDeleted?.();
      },
    });
  return (
    <ConfirmByName
      opened
      onClose={onClose}
      title={title}
      name={name}
      losses={losses}
      action={action}
      onConfirm={confirm}
      pending={remove.isPending}
      problem={remove.error ?? problem}
    />
  );
}
