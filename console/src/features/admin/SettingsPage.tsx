import { Group, Stack, Text, Title } from '@mantine/core';
import { IconLock, IconPencil } from '@tabler/icons-react';
import { useSuspenseQuery } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { type Setting, settingsQuery } from '@/api/settings';
import { overList, useOverList } from '@/app/overList';
import { type Say, useWords } from '@/app/words';
import { type Column, DataTable } from '@/ui/DataTable';
import { ButtonLink } from '@/ui/links';
import { Notice } from '@/ui/Notice';
import { Time } from '@/ui/Time';
import { AdminFrame } from './AdminFrame';
import classes from './admin.module.css';
import { fixedSettings } from './fixedSettings';
import type { SettingsSearch } from './search';
import { nameField, readHost, type Section, sectionTitles, settingFields, splitSections } from './settingKeys';

const SettingsForm = lazy(() => import('./SettingsForm'));

/** 设置: every key of wharf.toml with the value that holds and where it comes from; some are changed here, and the file wins. */
export function SettingsPage({ search }: { search: SettingsSearch }) {
  const say = useWords();
  const form = useOverList<SettingsSearch>({ edit: undefined });
  const { settings, restart_required: waits } = useSuspenseQuery(settingsQuery).data;
  const sections = splitSections(settings);
  const open = sections.find((section) => section.name === search.edit && isEditable(section));
  return (
    <AdminFrame tab={say('console.admin.tab.settings')}>
      <Stack gap="xl">
        {waits && <Notice tone="warning" title={say('console.admin.settings.restart')} />}
        <Text c="dimmed" maw={720}>
          {say('console.admin.settings.about')}
        </Text>
        {sections.filter(isEditable).map((section) => (
          <SectionPart key={section.name} section={section} editable />
        ))}
        <Text c="dimmed" maw={720}>
          {say('console.admin.settings.fixed')}
        </Text>
        {sections
          .filter((section) => !isEditable(section))
          .map((section) => (
            <SectionPart key={section.name} section={section} />
          ))}
      </Stack>
      {open && (
        <Suspense fallback={null}>
          <SettingsForm section={open} onClose={form.close} />
        </Suspense>
      )}
    </AdminFrame>
  );
}

const isEditable = (section: Section) => section.settings.some(({ editable }) => editable);

function SectionPart({ section: { name, settings }, editable }: { section: Section; editable?: boolean }) {
  const say = useWords();
  const word = sectionTitles[name];
  const title = word ? say(word) : name;
  return (
    <section>
      <Group mb="sm" justify="space-between" maw={1000}>
        <Group gap="sm">
          <Title order={2}>{title}</Title>
          <code className="muted">[{name}]</code>
        </Group>
        {editable && (
          <ButtonLink
            to="/admin/settings"
            search={{ edit: name }}
            {...overList}
            variant="default"
            leftSection={<IconPencil size={16} aria-hidden />}
            aria-label={say('console.admin.settings.edit_named', { name: title })}
          >
            {say('console.core.edit')}
          </ButtonLink>
        )}
      </Group>
      <div className={classes.settings}>
        <DataTable label={title} columns={listColumns(say)} rows={settings} keyOf={(setting) => setting.key} />
      </div>
    </section>
  );
}

const listColumns = (say: Say): Column<Setting>[] => [
  {
    key: 'key',
    title: say('console.admin.settings.key'),
    cell: ({ key }) => {
      const word = settingFields[nameField(key)]?.label ?? fixedSettings[nameField(key)];
      return (
        <div className={classes.key}>
          {word && <div>{[readHost(key), say(word)].filter(Boolean).join(' ')}</div>}
          <code className={word ? 'muted' : undefined}>{key}</code>
        </div>
      );
    },
  },
  { key: 'value', title: say('console.admin.settings.value'), grows: true, cell: (setting) => <Value setting={setting} /> },
  { key: 'origin', title: say('console.admin.settings.origin'), cell: (setting) => <Origin setting={setting} /> },
];

function Value({ setting: { value, secret, waits_for_restart: waits } }: { setting: Setting }) {
  const say = useWords();
  if (value === null || value === '') return <span className="muted">{say('console.admin.settings.unset')}</span>;
  return (
    <div className={classes.value}>
      {secret ? say('console.admin.settings.set') : <code>{value}</code>}
      {waits && <div style={{ color: 'var(--w-warning)' }}>{say('console.admin.settings.waits')}</div>}
    </div>
  );
}

function Origin({ setting: { origin, place, changed_by: by, changed_at: at } }: { setting: Setting }) {
  const say = useWords();
  if (origin === 'default') return <span className="muted">{say('console.admin.origin.default')}</span>;
  if (origin === 'console') {
    return (
      <div>
        {say('console.admin.origin.console')}
        <div className={classes.below}>
          {by} · <Time at={at} />
        </div>
      </div>
    );
  }
  const words = {
    file: [say('console.admin.origin.file'), say('console.admin.settings.by_file')],
    environment: [say('console.admin.origin.environment'), say('console.admin.settings.by_environment')],
    flag: [say('console.admin.origin.flag'), say('console.admin.settings.by_flag')],
  }[origin];
  return (
    <div>
      {words[0]}
      <div className={classes.lock}>
        <IconLock size={14} aria-hidden />
        {words[1]}
      </div>
      {place && (
        <code className={classes.place} title={place}>
          {place.split('/').at(-1)}
        </code>
      )}
    </div>
  );
}
