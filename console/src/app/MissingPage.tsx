import { useLocation } from '@tanstack/react-router';
import { useSession } from '@/api/session';
import { EmptyPlace } from '@/ui/EmptyPlace';
import { ButtonLink } from '@/ui/links';
import { Page } from './Page';
import { useWords } from './words';

/** 404: what may not be seen looks the same as what is not there. */
export function MissingPage() {
  const say = useWords();
  const { user } = useSession();
  const { publicHref } = useLocation();
  return (
    <Page title={say('console.core.missing')}>
      <EmptyPlace title={say('console.core.missing_text')}>
        {user ? (
          <ButtonLink to="/images">{say('console.core.back_to_images')}</ButtonLink>
        ) : (
          <ButtonLink to="/sign-in" search={{ next: publicHref }}>
            {say('console.core.sign_in')}
          </ButtonLink>
        )}
      </EmptyPlace>
    </Page>
  );
}
