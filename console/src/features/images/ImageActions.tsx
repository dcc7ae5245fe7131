import { Group } from '@mantine/core';
import { IconDots, IconSettings, IconTrash } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import type { Repository } from '@/api/repositories';
import { useWords } from '@/app/words';
import { ActionMenu, type MenuAction } from '@/ui/ActionMenu';
import { TextLink } from '@/ui/links';
import classes from './images.module.css';

const DeleteImage = lazy(() => import('./DeleteImage'));

/** What can be done with an image of the list: 构建配置 in sight where there is room for it; nothing where its reader may do nothing. */
export function ImageActions({ image }: { image: Repository }) {
  const say = useWords();
  const navigate = useNavigate();
  const [deleting, setDeleting] = useState(false);
  const params = { name: image.name };
  const builds = image.may.includes('manage_rules');
  const items: MenuAction[] = [];
  if (builds) {
    items.push({
      label: say('console.images.build_settings'),
      icon: <IconSettings size={16} aria-hidden />,
      onSelect: () => void navigate({ to: '/images/$name/builds', params }),
    });
  }
  if (image.may.includes('delete')) {
    items.push({ label: say('console.images.delete'), icon: <IconTrash size={16} aria-hidden />, danger: true, onSelect: () => setDeleting(true) });
  }
  if (items.length === 0) return null;
  return (
    <Group gap={8} wrap="nowrap" justify="flex-end">
      {builds && (
        <span className={classes.roomy}>
          <TextLink to="/images/$name/builds" params={params}>
            {say('console.images.build_settings')}
          </TextLink>
        </span>
      )}
      <ActionMenu label={say('console.core.actions_for', params)} icon={<IconDots size={18} aria-hidden />} items={items} />
      {deleting && (
        <Suspense fallback={null}>
          <DeleteImage image={image} onClose={() => setDeleting(false)} />
        </Suspense>
      )}
    </Group>
  );
}
