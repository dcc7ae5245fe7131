import { IconDots, IconHistory, IconPlayerPlay, IconTrash } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import type { Trigger, TriggerPlace } from '@/api/triggers';
import { useOverList } from '@/app/overList';
import { useWords } from '@/app/words';
import { ActionMenu, type MenuAction } from '@/ui/ActionMenu';
import { linkToDeliveries } from './links';
import type { RunSearch } from './search';

const DeleteTrigger = lazy(() => import('./DeleteTrigger'));

interface TriggerActionsProps {
  place: TriggerPlace;
  trigger: Trigger;
  /** Where its page is open: leaves it. */
  onDeleted?: () => void;
}

/** Run now, its log, delete. */
export function TriggerActions({ place, trigger, onDeleted }: TriggerActionsProps) {
  const say = useWords();
  const navigate = useNavigate();
  const running = useOverList<RunSearch>({ run: undefined });
  const [deleting, setDeleting] = useState(false);
  const items: MenuAction[] = [
    {
      label: say('console.triggers.deliveries'),
      icon: <IconHistory size={16} aria-hidden />,
      onSelect: () => void navigate(linkToDeliveries(place, { trigger: trigger.name })),
    },
  ];
  if (trigger.may.includes('run')) {
    items.unshift({
      label: say('console.triggers.run'),
      icon: <IconPlayerPlay size={16} aria-hidden />,
      unless: trigger.enabled ? undefined : say('console.triggers.run_disabled'),
      onSelect: () => running.open({ run: trigger.name }),
    });
  }
  if (trigger.may.includes('delete')) {
    items.push({
      label: say('console.triggers.delete'),
      icon: <IconTrash size={16} aria-hidden />,
      danger: true,
      onSelect: () => setDeleting(true),
    });
  }
  return (
    <>
      <ActionMenu label={say('console.core.actions_for', { name: trigger.name })} icon={<IconDots size={18} aria-hidden />} items={items} />
      <Suspense fallback={null}>
        {deleting && <DeleteTrigger place={place} trigger={trigger} onClose={() => setDeleting(false)} onDeleted={onDeleted} />}
      </Suspense>
    </>
  );
}
