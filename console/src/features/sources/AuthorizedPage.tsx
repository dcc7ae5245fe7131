import { Stack } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { finishWebLogin, type Source, sourceKeys } from '@/api/sources';
import { Page } from '@/app/Page';
import { useWords } from '@/app/words';
import { ErrorState } from '@/ui/ErrorState';
import { ButtonLink } from '@/ui/links';
import { Connected } from './Connected';

interface AuthorizedPageProps {
  /** What the host sent the browser back with. */
  back: { state?: string; code?: string };
}

/** Where GitHub sends the browser back to. A code is good once: it is handed in once, and leaves the address at once. */
export function AuthorizedPage({ back }: AuthorizedPageProps) {
  const say = useWords();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [told] = useState(back);
  const begun = useRef(false);
  const [source, setSource] = useState<Source>();
  const [problem, setProblem] = useState<unknown>();

  useEffect(() => {
    const { state, code } = told;
    if (!state || !code || begun.current) return;
    begun.current = true;
    const finish = async () => {
      try {
        setSource(await finishWebLogin(state, code));
        await queries.invalidateQueries({ queryKey: sourceKeys.all });
      } catch (error) {
        setProblem(error);
      }
    };
    void finish();
    void navigate({ to: '/sources/-/authorized', search: {}, replace: true });
  }, [told, queries, navigate]);

  const refused = !told.state || !told.code;
  return (
    <Page title={say('console.sources.add')} crumbs={[{ label: say('console.core.nav.sources'), to: '/sources' }]}>
      {source ? (
        <Connected source={source} />
      ) : (
        <Stack gap="md" maw={720}>
          {problem !== undefined && <ErrorState problem={problem} />}
          {refused && <p role="alert">{say('console.sources.not_authorized')}</p>}
          {refused || problem !== undefined ? (
            <div>
              <ButtonLink to="/sources/-/new" search={{ kind: 'github' }}>
                {say('console.core.retry')}
              </ButtonLink>
            </div>
          ) : (
            <p role="status" className="muted">
              {say('console.sources.connecting')}
            </p>
          )}
        </Stack>
      )}
    </Page>
  );
}
