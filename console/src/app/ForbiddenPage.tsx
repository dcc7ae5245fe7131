import { useInfiniteQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { membersQuery } from '@/api/members';
import { joinPages } from '@/api/page';
import type { Problem } from '@/api/problem';
import { EmptyPlace } from '@/ui/EmptyPlace';
import { ButtonLink } from '@/ui/links';
import { Page } from './Page';
import { sayRole } from './roles';
import { useWords } from './words';

/** 403: it may be seen, but not done. Says which role it takes, and who gives it. */
export function ForbiddenPage({ problem }: { problem: Problem }) {
  const say = useWords();
  const owners = useOwners();
  const role = sayRole(problem.params.role, say);
  // Only an administrator makes somebody an administrator.
  const asks = owners.length > 0 && problem.params.role !== 'admin';
  const needs = role && (asks ? say('console.core.needs_role_of', { role, owners: owners.reduce((one, other) => say('console.core.list_comma', { one, other })) }) : say('console.core.needs_role', { role }));
  return (
    <Page title={say('console.core.forbidden')}>
      <EmptyPlace title={needs ?? problem.detail} text={needs ? problem.detail : problem.hint}>
        <ButtonLink to="/images">{say('console.core.back_to_images')}</ButtonLink>
      </EmptyPlace>
    </Page>
  );
}

/** Names beyond this are of no more help to somebody who wants to ask. */
const MOST_OWNERS = 3;

/** Who owns the namespace that the page is about; nobody where the reader may not know. */
function useOwners() {
  const { namespace, name } = useParams({ strict: false });
  const of = namespace ?? name?.split('/')[0];
  const members = useInfiniteQuery({ ...membersQuery(of ?? ''), enabled: of !== undefined, retry: false });
  return joinPages(members.data ?? { pages: [] })
    .filter((member) => member.role === 'owner')
    .map((member) => member.username)
    .slice(0, MOST_OWNERS);
}
