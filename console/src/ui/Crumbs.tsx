import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react';
import type { LinkProps } from '@tanstack/react-router';
import { useWords } from '@/app/words';
import classes from './Crumbs.module.css';
import { TextLink } from './links';
import { MiddleCut } from './MiddleCut';
import { usePhone } from './phone';

export type Crumb = { label: string } & Pick<LinkProps, 'to' | 'params' | 'search'>;

/** Where the page is, from the top down, the page itself left out; on a phone the step back alone. */
export function Crumbs({ items }: { items: Crumb[] }) {
  const say = useWords();
  const phone = usePhone();
  if (items.length === 0) return null;
  const shown = phone ? items.slice(-1) : items;
  return (
    <nav aria-label={say('console.core.breadcrumb')}>
      <ol className={classes.list}>
        {shown.map(({ label, ...link }, at) => (
          <li key={at} className={classes.item}>
            {phone && <IconChevronLeft size={16} aria-hidden />}
            {at > 0 && <IconChevronRight size={14} className="muted" aria-hidden />}
            <TextLink {...link} className={classes.link}>
              <MiddleCut text={label} />
            </TextLink>
          </li>
        ))}
      </ol>
    </nav>
  );
}
