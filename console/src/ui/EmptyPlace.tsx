import { EmptyState } from '@mantine/core';
import type { ReactNode } from 'react';

interface EmptyPlaceProps {
  title: string;
  /** One sentence: what comes here, and how. */
  text?: string;
  icon?: ReactNode;
  /** The one thing to do. */
  children?: ReactNode;
}

/** Nothing is here yet, or nothing matches: says so and what to do. */
export function EmptyPlace({ title, text, icon, children }: EmptyPlaceProps) {
  return (
    <EmptyState py={48}>
      {icon && <EmptyState.Indicator>{icon}</EmptyState.Indicator>}
      <EmptyState.Title order={2}>{title}</EmptyState.Title>
      {text && <EmptyState.Description>{text}</EmptyState.Description>}
      {children && <EmptyState.Actions>{children}</EmptyState.Actions>}
    </EmptyState>
  );
}
