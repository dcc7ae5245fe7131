import { Button } from '@mantine/core';

interface LivePillProps {
  /** How many rows wait. */
  count: number;
  /** "3 new versions", from the page, which knows the noun. */
  text: string;
  /** "Show" */
  action: string;
  onShow: () => void;
}

/** New rows wait behind it, so that nothing moves under the pointer. */
export function LivePill({ count, text, action, onShow }: LivePillProps) {
  if (count === 0) return null;
  return (
    <Button variant="light" radius="xl" mb="sm" onClick={onShow}>
      {text} · {action}
    </Button>
  );
}
