import type { Problem } from '@/api/problem';
import { EmptyPlace } from '@/ui/EmptyPlace';
import { ButtonLink } from '@/ui/links';
import { Page } from './Page';
import { useWords } from './words';

/** 403: it may be seen, but not done. */
export function ForbiddenPage({ problem }: { problem: Problem }) {
  const say = useWords();
  return (
    <Page title={say('console.core.forbidden')}>
      <EmptyPlace title={problem.detail} text={problem.hint}>
        <ButtonLink to="/images">{say('console.core.back_to_images')}</ButtonLink>
      </EmptyPlace>
    </Page>
  );
}
