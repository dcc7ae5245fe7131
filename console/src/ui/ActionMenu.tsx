import { Button } from '@mantine/core';
import { lazy, type ReactNode, Suspense, useRef, useState } from 'react';
import classes from './ActionMenu.module.css';
import { IconButton } from './IconButton';

const fetchMenu = () => import('./ActionMenuItems');
const ActionMenuItems = lazy(fetchMenu);

export interface MenuAction {
  label: string;
  icon?: ReactNode;
  onSelect: () => void;
  /** Something is lost by it. */
  danger?: boolean;
  /** Of a choice: whether it is the chosen one. */
  chosen?: boolean;
  /** Why it cannot be done now; it stays, and says so. */
  unless?: string;
}

interface ActionMenuProps {
  /** The button's name: "Actions for team/web". */
  label: string;
  icon?: ReactNode;
  /** Words beside the icon; they must be in `label` too. */
  text?: string;
  items: MenuAction[];
}

/** A button that opens a menu. The menu's code is fetched when a pointer or the focus comes near. */
export function ActionMenu({ label, icon, text, items }: ActionMenuProps) {
  const button = useRef<HTMLButtonElement>(null);
  const [opened, setOpened] = useState(false);
  const [wanted, setWanted] = useState(false);
  const close = () => {
    setOpened(false);
    button.current?.focus();
  };
  const shared = {
    ref: button,
    'aria-label': label,
    'aria-haspopup': 'menu' as const,
    'aria-expanded': opened,
    onPointerEnter: fetchMenu,
    onFocus: fetchMenu,
    onClick: () => {
      setWanted(true);
      setOpened(!opened);
    },
  };
  return (
    <span className={classes.root}>
      {text ? (
        <Button {...shared} variant="subtle" color="gray" leftSection={icon} className={classes.button}>
          {text}
        </Button>
      ) : (
        <IconButton {...shared} className={classes.button}>
          {icon}
        </IconButton>
      )}
      {wanted && (
        <Suspense fallback={null}>
          <ActionMenuItems label={label} items={items} opened={opened} onClose={close} anchor={classes.anchor} />
        </Suspense>
      )}
    </span>
  );
}
