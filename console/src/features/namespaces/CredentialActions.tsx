import { Button, Group, Text } from '@mantine/core';
import { IconDots, IconPencil, IconTrash } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';
import { type Credential, useDeleteCredential, useTestCredential } from '@/api/credentials';
import { useWords } from '@/app/words';
import { ActionMenu } from '@/ui/ActionMenu';
import { announce } from '@/ui/announce';
import { RowError } from '@/ui/RowError';

const Confirm = lazy(() => import('@/ui/Confirm').then((file) => ({ default: file.Confirm })));

interface CredentialActionsProps {
  namespace: string;
  credential: Credential;
  onEdit: () => void;
}

/** What can be done with a credential: ask its registry, change it, remove it. */
export function CredentialActions({ namespace, credential, onEdit }: CredentialActionsProps) {
  const say = useWords();
  const test = useTestCredential(namespace);
  const remove = useDeleteCredential(namespace);
  const [deleting, setDeleting] = useState(false);
  const close = () => setDeleting(false);
  const { id, host } = credential;
  return (
    <>
      <Group gap={4} wrap="nowrap" justify="flex-end">
        <Button
          variant="subtle"
          size="compact-sm"
          loading={test.isPending}
          aria-label={say('console.namespaces.test_named', { name: host })}
          onClick={() =>
            test.mutate(id, {
              onSuccess: ({ last_test: said }) => announce(said?.ok ? say('console.namespaces.tested', { name: host }) : (said?.message ?? '')),
            })
          }
        >
          {say('console.namespaces.test')}
        </Button>
        <ActionMenu
          label={say('console.core.actions_for', { name: host })}
          icon={<IconDots size={18} aria-hidden />}
          items={[
            { label: say('console.namespaces.edit_credential'), icon: <IconPencil size={16} aria-hidden />, onSelect: onEdit },
            { label: say('console.namespaces.delete_credential'), icon: <IconTrash size={16} aria-hidden />, danger: true, onSelect: () => setDeleting(true) },
          ]}
        />
        <Suspense fallback={null}>
          {deleting && (
            <Confirm
              title={say('console.namespaces.delete_credential_named', { name: host })}
              action={say('console.namespaces.delete_credential')}
              danger
              onConfirm={() => remove.mutate(id, { onSuccess: close })}
              onClose={close}
              pending={remove.isPending}
              problem={remove.error}
            >
              <Text>{say('console.namespaces.delete_credential_text', { name: host })}</Text>
            </Confirm>
          )}
        </Suspense>
      </Group>
      <RowError problem={test.error} />
    </>
  );
}
