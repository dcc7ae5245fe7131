import { Menu } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import '@/app/styles/overlays';
import type { MenuAction } from './ActionMenu';

interface ActionMenuItemsProps {
  label: string;
  items: MenuAction[];
  opened: boolean;
  onClose: () => void;
  /** The class of what the menu hangs on: a box over the button that no pointer meets. */
  anchor?: string;
}

/** The menu of an ActionMenu, which fetches it. */
export default function ActionMenuItems({ label, items, opened, onClose, anchor }: ActionMenuItemsProps) {
  return (
    <Menu opened={opened} onClose={onClose} position="bottom-end" returnFocus={false} closeOnClickOutside>
      <Menu.Target>
        <span className={anchor} aria-hidden />
      </Menu.Target>
      <Menu.Dropdown aria-label={label} aria-labelledby={undefined}>
        {items.map((item) => (
          <Menu.Item
            key={item.label}
            role={item.chosen === undefined ? 'menuitem' : 'menuitemradio'}
            aria-checked={item.chosen}
            color={item.danger ? 'var(--w-failed)' : undefined}
            leftSection={item.icon}
            rightSection={item.chosen ? <IconCheck size={16} aria-hidden /> : undefined}
            aria-disabled={item.unless ? true : undefined}
            title={item.unless}
            closeMenuOnClick={!item.unless}
            onClick={item.unless ? undefined : item.onSelect}
          >
            {item.label}
            {item.unless && <div className="muted">{item.unless}</div>}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
