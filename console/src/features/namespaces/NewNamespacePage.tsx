import { useNavigate } from '@tanstack/react-router';
import { useSession } from '@/api/session';
import { Page } from '@/app/Page';
import { useWords } from '@/app/words';
import { ButtonLink } from '@/ui/links';
import { NamespaceForm } from './NamespaceForm';

/** 新建命名空间. */
export function NewNamespacePage() {
  const say = useWords();
  const navigate = useNavigate();
  const { user } = useSession();
  return (
    <Page title={say('console.core.create_namespace')} crumbs={[{ label: say('console.core.nav.namespaces'), to: '/namespaces' }]}>
      <div className="muted" style={{ marginBottom: 16 }}>
        <div>{say('console.namespaces.about')}</div>
        {user && !user.admin && <div>{say('console.namespaces.limit', { count: user.namespace_limit })}</div>}
      </div>
      <NamespaceForm
        onMade={({ name }) => void navigate({ to: '/namespaces/$namespace', params: { namespace: name } })}
        cancel={
          <ButtonLink to="/namespaces" variant="default">
            {say('console.core.cancel')}
          </ButtonLink>
        }
      />
    </Page>
  );
}
