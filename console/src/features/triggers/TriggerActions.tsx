import { IconDots, IconHistory, IconPlayerPlay, IconTrash } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import type { Trigger, TriggerPlace } from '@/api/triggers';
import { useWords } from '@/app/words';
import { ActionMenu, type MenuAction } from '@/ui/ActionMenu';
import { linkToDeliveries } from './links';

const DeleteTrigger = lazy(() => import('./DeleteTrigger'));
const RunTrigger = lazy(() => import('./RunTrigger'));

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
  const [open, setOpen] = useState<'run' | 'delete'>();
  const close = () => setOpen(undefined);
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
      onSelect: () => setOpen('run'),
    });
  }
  if (trigger.may.includes('delete')) {
    items.push({
      label: say('console.triggers.delete'),
      icon: <IconTrash size={16} aria-hidden />,
      danger: true,
      onSelect: () => setOpen('delete'),
    });
  }
  return (
    <>
      <ActionMenu label={say('console.core.actions_for', { name: trigger.name })} icon={<IconDots size={18} aria-hidden />} items={items} />
      <Suspense fallback={null}>
        {open === 'run' && <RunTrigger place={place} trigger={trigger} onClose={close} />}
        {open === 'delete' && <DeleteTrigger place={place} trigger={trigger} onClose={close} onDeleted={onDeleted} />}
      </Suspense>
    </>
  );
}
