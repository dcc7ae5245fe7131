// What happened: events of images, and the audit log of everything that people changed.
import { queryOptions } from '@tanstack/react-query';
import type { components, operations } from './api.gen';
import { api, take } from './client';
import { PAGE_SIZE, pageQuery } from './page';

export type Activity = components['schemas']['Activity'];
export type ActivityKind = components['schemas']['ActivityKind'];
export type AuditAction = components['schemas']['AuditAction'];
export type AuditEntry = components['schemas']['AuditEntry'];
export type ActivityFilter = Omit<NonNullable<operations['list_activity']['parameters']['query']>, 'limit' | 'after'>;
export type AuditFilter = NonNullable<operations['export_audit']['parameters']['query']>;

export const activityKeys = {
  events: ['activity', null] as const,
  audit: ['audit', null] as const,
};

export const activityQuery = (filter: ActivityFilter) =>
  pageQuery([...activityKeys.events, filter], (after, signal) =>
    take(api.GET('/api/v1/activity', { params: { query: { ...filter, limit: PAGE_SIZE, after } }, signal })),
  );

export const auditQuery = (filter: AuditFilter) =>
  pageQuery([...activityKeys.audit, filter], (after, signal) =>
    take(api.GET('/api/v1/audit', { params: { query: { ...filter, limit: PAGE_SIZE, after } }, signal })),
  );

/** One line, of a namespace's part or of all. */
export const auditEntryQuery = (entry: string, namespace?: string) =>
  queryOptions({
    queryKey: ['audit', entry, namespace],
    queryFn: ({ signal }) => take(api.GET('/api/v1/audit/{entry}', { params: { path: { entry }, query: { namespace } }, signal })),
  });

/** Where a browser downloads the log from, with the conditions of the list. */
export function linkToAuditExport(filter: AuditFilter) {
  const given = Object.entries(filter).filter(([, value]) => value);
  const query = new URLSearchParams(given.map(([name, value]): [string, string] => [name, String(value)]));
  return `/api/v1/audit/export${given.length > 0 ? `?${query}` : ''}`;
}
