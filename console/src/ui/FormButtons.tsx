import { Button, Group } from '@mantine/core';
import type { LinkProps } from '@tanstack/react-router';
import { useWords } from '@/app/words';
import classes from './FormButtons.module.css';
import { ButtonLink } from './links';

interface FormButtonsProps {
  pending: boolean;
  /** Where whoever gives up goes. */
  cancel: Pick<LinkProps, 'to' | 'params' | 'search'>;
}

/** 保存 and 取消 below a form that is a page; on a phone they stay in sight. */
export function FormButtons({ pending, cancel }: FormButtonsProps) {
  const say = useWords();
  return (
    <Group className={classes.root}>
      <Button type="submit" loading={pending}>
        {say('console.core.save')}
      </Button>
      <ButtonLink {...cancel} variant="default">
        {say('console.core.cancel')}
      </ButtonLink>
    </Group>
  );
}
