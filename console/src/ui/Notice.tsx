import { IconAlertOctagonFilled, IconAlertTriangleFilled, IconCircleCheckFilled, IconInfoCircle, type TablerIcon } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import classes from './Notice.module.css';

type Tone = 'failed' | 'warning' | 'success' | 'idle';

const icons: Record<Tone, TablerIcon> = {
  failed: IconAlertOctagonFilled,
  warning: IconAlertTriangleFilled,
  success: IconCircleCheckFilled,
  idle: IconInfoCircle,
};

interface NoticeProps {
  tone: Tone;
  title: ReactNode;
  children?: ReactNode;
}

/** Something about what is on the page that its reader should know: said in the text's colour, beside a coloured icon. */
export function Notice({ tone, title, children }: NoticeProps) {
  const Icon = icons[tone];
  return (
    <div role="status" className={classes.root} data-tone={tone}>
      <Icon size={18} aria-hidden className={classes.icon} />
      <div className={classes.content}>
        <div className={classes.title}>{title}</div>
        {children}
      </div>
    </div>
  );
}
