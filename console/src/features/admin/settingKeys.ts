// What a setting's key says: its section, its host, and how its field is drawn. Pure but for the names of sentences.
import type { Setting } from '@/api/settings';
import type { WordKey } from '@/app/words';

export interface Section {
  name: string;
  settings: Setting[];
}

/** `build.step_memory` is of `build`, `code_hosts."github.com".client_id` of `code_hosts`. */
export const readSection = (key: string) => key.slice(0, key.indexOf('.'));

/** The host of a key that has one: `github.com`. */
export const readHost = (key: string) => /^[a-z_]+\."([^"]+)"\./.exec(key)?.[1];

/** The key without its host: the name of its field. */
export const nameField = (key: string) => key.replace(/\."[^"]+"\./, '.');

/** Sections in the order of the file. */
export function splitSections(settings: readonly Setting[]): Section[] {
  const sections = new Map<string, Setting[]>();
  for (const setting of settings) {
    const name = readSection(setting.key);
    const known = sections.get(name);
    if (known) known.push(setting);
    else sections.set(name, [setting]);
  }
  return [...sections].map(([name, all]) => ({ name, settings: all }));
}

export const sectionTitles: Record<string, WordKey> = {
  server: 'console.admin.section.server',
  console: 'console.admin.section.console',
  oidc: 'console.admin.section.oidc',
  database: 'console.admin.section.database',
  registry: 'console.admin.section.registry',
  metrics: 'console.admin.section.metrics',
  limits: 'console.admin.section.limits',
  registries: 'console.admin.section.registries',
  code_hosts: 'console.admin.section.code_hosts',
  egress: 'console.admin.section.egress',
  build: 'console.admin.section.build',
  triggers: 'console.admin.section.triggers',
  smtp: 'console.admin.section.smtp',
};

interface Field {
  label: WordKey;
  hint?: WordKey;
  /** Several values, with commas between them where they are written. */
  list?: boolean;
  /** One of these. */
  choices?: string[];
  example?: string;
}

/** Fields of what can be changed here. What is not among them has its key as its label. */
export const settingFields: Record<string, Field> = {
  'egress.allow': { label: 'console.admin.set.egress_allow', hint: 'console.admin.hint.egress_allow', list: true, example: '10.0.0.0/8' },
  'code_hosts.client_id': { label: 'console.admin.set.client_id', hint: 'console.admin.hint.client_id' },
  'code_hosts.client_secret': { label: 'console.admin.set.client_secret', hint: 'console.admin.hint.client_secret' },
  'oidc.issuer': { label: 'console.admin.set.oidc_issuer', hint: 'console.admin.hint.oidc_issuer', example: 'https://id.example.com' },
  'oidc.client_id': { label: 'console.admin.set.client_id' },
  'oidc.client_secret': { label: 'console.admin.set.client_secret' },
  'oidc.name': { label: 'console.admin.set.oidc_name', hint: 'console.admin.hint.oidc_name' },
  'oidc.scopes': { label: 'console.admin.set.oidc_scopes', list: true },
  'oidc.groups_claim': { label: 'console.admin.set.oidc_groups_claim', hint: 'console.admin.hint.oidc_groups_claim' },
  'oidc.admin_groups': { label: 'console.admin.set.oidc_admin_groups', hint: 'console.admin.hint.oidc_admin_groups', list: true },
  'oidc.roles': { label: 'console.admin.set.oidc_roles', hint: 'console.admin.hint.oidc_roles', list: true, example: 'shop-leads=shop:owner' },
  'build.concurrency': { label: 'console.admin.set.concurrency', hint: 'console.admin.hint.concurrency' },
  'build.namespace_concurrency': { label: 'console.admin.set.namespace_concurrency' },
  'build.namespace_queue': { label: 'console.admin.set.namespace_queue', hint: 'console.admin.hint.namespace_queue' },
  'build.context_bytes': { label: 'console.admin.set.context_bytes', hint: 'console.admin.hint.context_bytes' },
  'build.step_memory': { label: 'console.admin.set.step_memory', hint: 'console.admin.hint.step_memory', example: '4g' },
  'build.step_cpus': { label: 'console.admin.set.step_cpus', example: '2' },
  'build.step_disk': { label: 'console.admin.set.step_disk', example: '20g' },
  'build.build_seconds': { label: 'console.admin.set.build_seconds', example: '3600' },
  'build.step_log': { label: 'console.admin.set.step_log', example: '50m' },
  'triggers.per_repository': { label: 'console.admin.set.per_repository' },
  'triggers.per_namespace': { label: 'console.admin.set.per_namespace' },
  'triggers.retry_hours': { label: 'console.admin.set.retry_hours', hint: 'console.admin.hint.retry_hours' },
  'triggers.log_days': { label: 'console.admin.set.log_days', hint: 'console.admin.hint.log_days' },
  'smtp.host': { label: 'console.admin.set.smtp_host', hint: 'console.admin.hint.smtp_host', example: 'mail.example.org' },
  'smtp.port': { label: 'console.admin.set.smtp_port', example: '587' },
  'smtp.security': { label: 'console.admin.set.smtp_security', hint: 'console.admin.hint.smtp_security', choices: ['starttls', 'tls', 'none'] },
  'smtp.from': { label: 'console.admin.set.smtp_from', example: 'wharf <wharf@example.org>' },
  'smtp.username': { label: 'console.admin.set.smtp_username' },
  'smtp.password': { label: 'console.admin.set.smtp_password' },
  'smtp.recipients': { label: 'console.admin.set.smtp_recipients', hint: 'console.admin.hint.smtp_recipients', list: true, example: 'example.org' },
  'smtp.mails_per_hour': { label: 'console.admin.set.mails_per_hour', hint: 'console.admin.hint.mails_per_hour' },
};
