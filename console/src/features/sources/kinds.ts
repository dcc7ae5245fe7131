// The software of code hosts, and how each is signed in to.
import type { SourceKind } from '@/api/sources';
import type { Say } from '@/app/words';

export const kinds = ['github', 'gitlab', 'gitea', 'git'] as const satisfies SourceKind[];

export const isKind = (value: unknown): value is SourceKind => kinds.includes(value as SourceKind);

const names: Record<SourceKind, string> = { github: 'GitHub', gitlab: 'GitLab', gitea: 'Gitea', git: 'Git' };

/** Names are names in every language; only plain git says what it is. */
export const sayKind = (kind: string, say: Say) => (kind === 'git' ? say('console.sources.plain_git') : (names[kind as SourceKind] ?? kind));

/** The address without its scheme, as people name a host. */
export const hostOf = (address: string) => address.replace(/^[a-z]+:\/\//, '').replace(/\/$/, '');

/** What a kind's address is when nobody says another. */
export const usualAddress: Partial<Record<SourceKind, string>> = { github: 'https://github.com', gitlab: 'https://gitlab.com' };

/** What a token has to be allowed to, as the host names it. */
export const tokenScopes: Record<SourceKind, string[]> = {
  github: ['Contents: read', 'Webhooks: read and write', 'Commit statuses: read and write', 'Administration: read'],
  gitlab: ['api', 'read_user'],
  gitea: ['write:repository', 'read:user', 'read:organization'],
  git: [],
};

export interface WebhookSearch {
  /** The webhook whose 最近投递 are open. */
  webhook?: string;
}

export const readWebhookSearch = (search: Record<string, unknown>): WebhookSearch => ({
  webhook: typeof search.webhook === 'string' && search.webhook !== '' ? search.webhook : undefined,
});
