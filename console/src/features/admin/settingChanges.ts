// What was typed in a form of settings, as changes: only what differs, nothing typed takes back what was set here. Pure.
import type { Setting, SettingsChanges } from '@/api/settings';

/** What the form begins with: what was set here. What holds otherwise stands behind it, as its placeholder. */
export const readTyped = (setting: Setting) => (setting.origin === 'console' && !setting.secret ? (setting.value ?? '') : '');

/** Secrets are write-only: an empty field keeps what is stored, unless it is among `forgotten`. */
export function listChanges(settings: readonly Setting[], typed: Readonly<Record<string, string>>, forgotten: ReadonlySet<string>): SettingsChanges {
  const changes: SettingsChanges = {};
  for (const setting of settings) {
    const { key, editable, locked, secret } = setting;
    if (!editable || locked) continue;
    const text = (typed[key] ?? readTyped(setting)).trim();
    if (secret && forgotten.has(key)) changes[key] = null;
    else if (secret && text === '') continue;
    else if (text !== readTyped(setting)) changes[key] = text === '' ? null : text;
  }
  return changes;
}

/** Secrets whose address is typed anew: what is stored does not go to another one. */
export function listMoved(settings: readonly Setting[], typed: Readonly<Record<string, string>>): ReadonlySet<string> {
  const changed = settings.filter((setting) => setting.key in listChanges([setting], typed, new Set()));
  return new Set(changed.flatMap(({ leads_secret: secret }) => secret ?? []));
}

/** The keys of an application at a code host that is not among the settings yet. */
export function nameApplication(host: string, id: string, secret: string): SettingsChanges {
  const name = host.trim().toLowerCase();
  if (name === '') return {};
  return {
    [`code_hosts."${name}".client_id`]: id.trim(),
    ...(secret.trim() !== '' && { [`code_hosts."${name}".client_secret`]: secret.trim() }),
  };
}
