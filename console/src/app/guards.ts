// What stands before a page: who may see it at all. The server decides again with every request.
import type { QueryClient } from '@tanstack/react-query';
import { redirect } from '@tanstack/react-router';
import { namespaceQuery, type Role } from '@/api/namespaces';
import { Problem } from '@/api/problem';
import { repositoryQuery } from '@/api/repositories';
import { sessionQuery, type Verb } from '@/api/session';
import { say } from './words';

export interface RouteContext {
  queries: QueryClient;
}

interface Arriving {
  context: RouteContext;
  location: { href: string; publicHref?: string };
}

/** `beforeLoad: requireUser` for pages that are of somebody: others are sent to sign in, and back. */
export async function requireUser({ context, location }: Arriving) {
  const { user, must_change_password: makesPassword } = await context.queries.ensureQueryData(sessionQuery);
  const next = location.publicHref ?? location.href;
  if (!user) throw redirect({ to: '/sign-in', search: { next } });
  if (makesPassword) throw redirect({ to: '/set-password', search: { next } });
}

/** The weakest role that has a right, for the sentence that says whom to ask; nothing is decided by it. */
const rolesOf = {
  image: { start_builds: 'developer', edit: 'maintainer', delete: 'maintainer', manage_rules: 'maintainer', view_triggers: 'maintainer', manage_triggers: 'maintainer' },
  namespace: { edit: 'owner', view_triggers: 'maintainer', manage_triggers: 'maintainer' },
  all: { manage_clusters: 'admin' },
} satisfies Record<string, Partial<Record<Verb, Role>>>;

/** What a page is about, by its address: an image, a namespace, or neither. */
interface Place {
  name?: string;
  namespace?: string;
}

/**
 * `beforeLoad: (page) => requireMay(page, 'manage_rules')` for pages that are of use only to who may do one of these to what they are
 * about. Others are told which role it takes and whom to ask, before they fill in anything.
 */
export async function requireMay(page: Arriving & { params: object }, ...verbs: [Verb, ...Verb[]]) {
  await requireUser(page);
  const { may, roles } = await readRights(page.context.queries, page.params);
  if (verbs.some((verb) => may.includes(verb))) return;
  throw new Problem(403, 'denied', say('console.core.denied'), undefined, { role: roles[verbs[0]] });
}

async function readRights(queries: QueryClient, { name, namespace }: Place): Promise<{ may: Verb[]; roles: Partial<Record<Verb, Role>> }> {
  if (name !== undefined) return { may: (await queries.ensureQueryData(repositoryQuery(name))).may, roles: rolesOf.image };
  if (namespace !== undefined) return { may: (await queries.ensureQueryData(namespaceQuery(namespace))).may, roles: rolesOf.namespace };
  return { may: (await queries.ensureQueryData(sessionQuery)).user?.may ?? [], roles: rolesOf.all };
}
