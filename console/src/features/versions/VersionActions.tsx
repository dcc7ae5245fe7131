import { IconArrowsLeftRight, IconCopy, IconDots, IconTrash } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import type { Version } from '@/api/versions';
import { useWords } from '@/app/words';
import { ActionMenu } from '@/ui/ActionMenu';
import { announce } from '@/ui/announce';
import { copyText } from '@/ui/copy';

const DeleteVersions = lazy(() => import('./DeleteVersions'));

interface VersionActionsProps {
  name: string;
  address: string;
  version: Pick<Version, 'name' | 'digest'>;
  /** Whether the reader may delete. */
  deletes: boolean;
  onDeleted: () => void;
}

/** What can be done with one version: of the list, or on its own page. */
export function VersionActions({ name, address, version, deletes, onDeleted }: VersionActionsProps) {
  const say = useWords();
  const navigate = useNavigate();
  const [deleting, setDeleting] = useState(false);
  const copy = async () => {
    if (await copyText(`docker pull ${address}@${version.digest}`)) announce(say('console.core.copied'));
  };
  return (
    <>
      <ActionMenu
        label={say('console.core.actions_for', { name: version.name })}
        icon={<IconDots size={18} aria-hidden />}
        items={[
          { label: say('console.versions.copy_by_digest'), icon: <IconCopy size={16} aria-hidden />, onSelect: () => void copy() },
          {
            label: say('console.versions.compare'),
            icon: <IconArrowsLeftRight size={16} aria-hidden />,
            onSelect: () => void navigate({ to: '/images/$name/compare', params: { name }, search: { a: version.name } }),
          },
          ...(deletes ? [{ label: say('console.core.delete'), icon: <IconTrash size={16} aria-hidden />, danger: true, onSelect: () => setDeleting(true) }] : []),
        ]}
      />
      {deleting && (
        <Suspense fallback={null}>
          <DeleteVersions name={name} tags={[version.name]} onClose={() => setDeleting(false)} onDeleted={onDeleted} />
        </Suspense>
      )}
    </>
  );
}
