// What the addresses of 动态 say, and what the server is asked for. Days are the reader's own.
import type { ActivityFilter, ActivityKind, AuditFilter } from '@/api/activity';
import { auditActions } from './auditActions';

export const activityKinds = [
  'tag_created',
  'tag_changed',
  'tag_deleted',
  'build_succeeded',
  'build_failed',
  'build_canceled',
  'build_superseded',
  'build_skipped',
  'delivery',
] as const satisfies ActivityKind[];

export interface Search {
  actor?: string;
  action?: string;
  /** A repository or a namespace; in the audit log whatever was changed. */
  object?: string;
  /** Days, `2026-11-22`, both included. */
  from?: string;
  to?: string;
}

export interface AuditSearch extends Search {
  ns?: string;
  /** The line that is open. */
  entry?: string;
}

const text = (value: unknown) => (typeof value === 'string' || typeof value === 'number' ? String(value).trim() || undefined : undefined);

/** A day that exists. */
const day = (value: unknown) => {
  const found = text(value);
  return found && /^\d{4}-\d{2}-\d{2}$/.test(found) && !Number.isNaN(Date.parse(found)) ? found : undefined;
};

const readSearch = (search: Record<string, unknown>): Search => ({
  actor: text(search.actor),
  action: text(search.action),
  object: text(search.object),
  from: day(search.from),
  to: day(search.to),
});

export const readEventsSearch = (search: Record<string, unknown>): Search => ({
  ...readSearch(search),
  action: activityKinds.find((kind) => kind === search.action),
});

export const readAuditSearch = (search: Record<string, unknown>): AuditSearch => ({
  ...readSearch(search),
  action: auditActions.find((action) => action === search.action),
  ns: text(search.ns),
  entry: text(search.entry),
});

export const isFiltered = (search: Search) => Object.values(search).some(Boolean);

/** The first moment of a day. */
export const beginDay = (of: string | undefined) => of && new Date(`${of}T00:00:00`).toISOString();

/** Its last one. */
export const endDay = (of: string | undefined) => of && new Date(`${of}T23:59:59.999`).toISOString();

export const toActivityFilter = (search: Search): ActivityFilter => ({
  actor: search.actor,
  action: activityKinds.find((kind) => kind === search.action),
  object: search.object,
  since: beginDay(search.from),
  until: endDay(search.to),
});

export const toAuditFilter = (search: AuditSearch): AuditFilter => ({
  namespace: search.ns,
  actor: search.actor,
  action: auditActions.find((action) => action === search.action),
  target: search.object,
  since: beginDay(search.from),
  until: endDay(search.to),
});
