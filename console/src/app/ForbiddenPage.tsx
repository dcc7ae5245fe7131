import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { membersQuery } from '@/api/members';
import { joinPages } from '@/api/page';
import { namespaceQuery } from '@/api/namespaces';
import type { Problem } from '@/api/problem';
import { repositoryQuery } from '@/api/repositories';
import { EmptyPlace } from '@/ui/EmptyPlace';
import { ButtonLink } from '@/ui/links';
import { Page } from './Page';
import { sayRole } from './roles';
import { useWords } from './words';

/** 403: it may be seen, but not done. Says which role it takes, and who gives it. */
export default function ForbiddenPage({ problem }: { problem: Problem }) {
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
  // What the page is about was read on the way here, where it may be read.
  const image = useQuery({ ...repositoryQuery(name ?? ''), enabled: false }).data;
  const whole = useQuery({ ...namespaceQuery(namespace ?? ''), enabled: false }).data;
  const of = image ? { name: image.namespace, role: image.role } : whole;
  const members = useInfiniteQuery({ ...membersQuery(of?.name ?? ''), enabled: Boolean(of?.role), retry: false });
  return joinPages(members.data ?? { pages: [] })
    .filter((member) => member.role === 'owner')
    .map((member) => member.username)
    .slice(0, MOST_OWNERS);
}
