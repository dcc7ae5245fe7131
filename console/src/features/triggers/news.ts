import type { ChangedTrigger } from '@/api/triggers';

/** Whether there is something to be said about a trigger that was saved. */
export const hasNews = (trigger: ChangedTrigger) => trigger.warnings.length > 0 || (trigger.made_secrets ?? []).length > 0;
