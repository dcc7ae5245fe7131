import { Button, Group } from '@mantine/core';
import { IconFilter } from '@tabler/icons-react';
import { lazy, type ReactNode, Suspense, useRef, useState } from 'react';
import { useWords } from '@/app/words';
import { usePhone } from './phone';

const FilterDrawer = lazy(() => import('./FilterDrawer'));

interface FiltersProps {
  /** How many of `children` narrow the list now; said on the button that hides them. */
  active: number;
  /** What stays in sight on a phone, too: the field to search with. */
  lead?: ReactNode;
  /** Behind the filters: how many there are. */
  end?: ReactNode;
  children: ReactNode;
}

/** What narrows and orders a list: side by side, or behind 筛选 on a phone. */
export function Filters({ active, lead, end, children }: FiltersProps) {
  const say = useWords();
  const phone = usePhone();
  const button = useRef<HTMLButtonElement>(null);
  const [opened, setOpened] = useState(false);
  const [wanted, setWanted] = useState(false);
  if (!phone) {
    return (
      <Group mb="md" gap="sm" align="flex-end">
        {lead}
        {children}
        {end}
      </Group>
    );
  }
  const close = () => {
    setOpened(false);
    button.current?.focus();
  };
  return (
    <Group mb="md" gap="sm">
      {lead}
      <Button
        ref={button}
        variant="default"
        leftSection={<IconFilter size={16} aria-hidden />}
        aria-haspopup="dialog"
        aria-expanded={opened}
        onClick={() => {
          setWanted(true);
          setOpened(true);
        }}
      >
        {active > 0 ? say('console.core.filter_active', { count: active }) : say('console.core.filter')}
      </Button>
      {end}
      {wanted && (
        <Suspense fallback={null}>
          <FilterDrawer opened={opened} onClose={close}>
            {children}
          </FilterDrawer>
        </Suspense>
      )}
    </Group>
  );
}
