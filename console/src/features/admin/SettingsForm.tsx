import { Checkbox, Fieldset, PasswordInput, Select, Stack, TagsInput, Text, TextInput } from '@mantine/core';
import { IconLock } from '@tabler/icons-react';
import { type FormEvent, useRef, useState } from 'react';
import { isProblem } from '@/api/problem';
import { type Setting, useChangeSettings } from '@/api/settings';
import { FormOverlay } from '@/app/Overlay';
import { useWords } from '@/app/words';
import { announce } from '@/ui/announce';
import { ErrorState } from '@/ui/ErrorState';
import classes from './admin.module.css';
import { CallbackUrl } from './CallbackUrl';
import { listChanges, listMoved, nameApplication, readTyped } from './settingChanges';
import { nameField, readHost, type Section, sectionTitles, settingFields } from './settingKeys';
import { SettingsTrials } from './SettingsTrials';

interface SettingsFormProps {
  section: Section;
  onClose: () => void;
}

/** What can be changed of one section. What the file sets is there to be read. */
export default function SettingsForm({ section, onClose }: SettingsFormProps) {
  const say = useWords();
  const change = useChangeSettings();
  const form = useRef<HTMLFormElement>(null);
  const settings = section.settings.filter(({ editable }) => editable);
  const [typed, setTyped] = useState<Record<string, string>>({});
  const [forgotten, setForgotten] = useState<ReadonlySet<string>>(new Set());
  const [host, setHost] = useState({ name: '', id: '', secret: '' });
  const word = sectionTitles[section.name];
  const title = say('console.admin.settings.edit_named', { name: word ? say(word) : section.name });
  const key = isProblem(change.error) ? change.error.field : undefined;
  const placed = settings.find((setting) => setting.key === key);

  const readChanges = () => ({ ...listChanges(settings, typed, forgotten), ...nameApplication(host.name, host.id, host.secret) });
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const changes = readChanges();
    if (Object.keys(changes).length === 0) {
      onClose();
      return;
    }
    try {
      await change.mutateAsync(changes);
      announce(say('console.core.saved'));
      onClose();
    } catch (error) {
      const field = isProblem(error) ? error.field : undefined;
      if (field) form.current?.querySelector<HTMLElement>(`[data-path=${CSS.escape(field)}]`)?.focus();
    }
  };
  const fields = (some: Setting[]) =>
    some.map((setting) => (
      <SettingField
        key={setting.key}
        setting={setting}
        typed={typed[setting.key] ?? readTyped(setting)}
        onType={(text) => setTyped((before) => ({ ...before, [setting.key]: text }))}
        moved={moved.has(setting.key)}
        forgotten={forgotten.has(setting.key)}
        onForget={(forget) => setForgotten((before) => new Set(forget ? [...before, setting.key] : [...before].filter((each) => each !== setting.key)))}
        error={placed === setting && isProblem(change.error) ? [change.error.beside, change.error.hint].filter(Boolean).join(' ') : undefined}
      />
    ));
  const moved = listMoved(settings, typed);
  const hosts = [...new Set(settings.map((setting) => readHost(setting.key)).filter((each) => each !== undefined))];
  return (
    <FormOverlay
      drawer
      size="lg"
      title={title}
      onClose={onClose}
      formRef={form}
      onSubmit={submit}
      submit={say('console.core.save')}
      saves={change}
      changed={Object.keys(typed).length > 0}
    >
      <Text c="dimmed">{say('console.admin.settings.form_about')}</Text>
      <CallbackUrl section={section.name} />
      {fields(settings.filter((setting) => readHost(setting.key) === undefined))}
      {hosts.map((each) => (
        <Fieldset key={each} legend={each}>
          <Stack gap="lg">{fields(settings.filter((setting) => readHost(setting.key) === each))}</Stack>
        </Fieldset>
      ))}
      {section.name === 'code_hosts' && (
        <Fieldset legend={say('console.admin.settings.other_host')}>
          <Stack gap="lg">
            <TextInput label={say('console.admin.settings.host')} placeholder="gitlab.example.com" autoComplete="off" autoCapitalize="none" spellCheck={false} value={host.name} onChange={(event) => setHost({ ...host, name: event.currentTarget.value })} />
            <TextInput label={say('console.admin.set.client_id')} autoComplete="off" spellCheck={false} value={host.id} onChange={(event) => setHost({ ...host, id: event.currentTarget.value })} />
            <PasswordInput label={say('console.admin.set.client_secret')} autoComplete="new-password" visibilityToggleButtonProps={{ 'aria-label': say('console.admin.settings.show_secret') }} value={host.secret} onChange={(event) => setHost({ ...host, secret: event.currentTarget.value })} />
          </Stack>
        </Fieldset>
      )}
      <SettingsTrials section={section.name} changes={readChanges()} />
      {change.error && !placed && <ErrorState problem={change.error} />}
    </FormOverlay>
  );
}

interface SettingFieldProps {
  setting: Setting;
  typed: string;
  onType: (text: string) => void;
  /** A secret whose address becomes another one: what is stored does not go there. */
  moved: boolean;
  forgotten: boolean;
  onForget: (forget: boolean) => void;
  error?: string;
}

function SettingField({ setting, typed, onType, moved, forgotten, onForget, error }: SettingFieldProps) {
  const say = useWords();
  const { key, value, locked, secret, needs_restart: restarts } = setting;
  const field = settingFields[nameField(key)];
  const hint = field?.hint ? say(field.hint) : field ? undefined : setting.description;
  const label = field ? say(field.label) : key;
  if (locked) {
    const why = { environment: say('console.admin.settings.by_environment'), flag: say('console.admin.settings.by_flag'), file: say('console.admin.settings.by_file') };
    const shown = secret ? say('console.admin.settings.set') : (value ?? '');
    return <TextInput label={label} description={setting.origin === 'environment' || setting.origin === 'flag' ? why[setting.origin] : why.file} leftSection={<IconLock size={16} aria-hidden />} readOnly value={shown} classNames={{ input: classes.locked }} />;
  }
  const description = [hint, restarts && say('console.admin.settings.restarts')].filter(Boolean).join(' · ') || undefined;
  const shared = { 'data-path': key, label, description, error };
  // What holds where nothing is typed; else what it looks like.
  const placeholder = value && setting.origin === 'default' ? say('console.admin.settings.default_value', { value }) : field?.example && say('console.admin.settings.example', { value: field.example });
  if (secret) {
    const stored = value !== null && value !== '';
    return (
      <Stack gap="xs">
        <PasswordInput
          {...shared}
          autoComplete="new-password"
          placeholder={stored ? say(moved ? 'console.admin.settings.secret_again' : 'console.admin.settings.keep_secret') : undefined}
          visibilityToggleButtonProps={{ 'aria-label': say('console.admin.settings.show_secret') }}
          value={typed}
          onChange={(event) => onType(event.currentTarget.value)}
        />
        {stored && setting.origin === 'console' && <Checkbox checked={forgotten} onChange={(event) => onForget(event.currentTarget.checked)} label={say('console.admin.settings.forget')} />}
      </Stack>
    );
  }
  if (field?.choices) {
    return <Select {...shared} data={field.choices} placeholder={placeholder} value={typed || null} onChange={(chosen) => onType(chosen ?? '')} clearable clearButtonProps={{ 'aria-label': say('console.core.clear') }} />;
  }
  if (field?.list) {
    const values = typed.split(',').map((each) => each.trim()).filter(Boolean);
    return <TagsInput {...shared} data={[]} placeholder={values.length === 0 ? placeholder : undefined} value={values} onChange={(next) => onType(next.join(','))} />;
  }
  return <TextInput {...shared} autoComplete="off" spellCheck={false} placeholder={placeholder} value={typed} onChange={(event) => onType(event.currentTarget.value)} />;
}
