import { Button, Fieldset, Group, Stack, Text, TextInput } from '@mantine/core';
import { IconMail, IconShieldCheck } from '@tabler/icons-react';
import { useState } from 'react';
import { isProblem } from '@/api/problem';
import { type SettingsChanges, type SettingsTrial, useTryMail, useTryProvider } from '@/api/settings';
import { useWords } from '@/app/words';
import { CommandLine } from '@/ui/CommandLine';
import { ErrorState } from '@/ui/ErrorState';
import { Notice } from '@/ui/Notice';

interface TrialProps {
  /** What is typed and not saved yet. */
  changes: SettingsChanges;
}

/** What can be tried of a section before somebody depends on it; most have nothing. */
export function SettingsTrials({ section, ...trial }: TrialProps & { section: string }) {
  if (section === 'smtp') return <MailTrial {...trial} />;
  if (section === 'oidc') return <ProviderTrial {...trial} />;
  return null;
}

function MailTrial({ changes }: TrialProps) {
  const say = useWords();
  const trial = useTryMail();
  const [recipient, setRecipient] = useState('');
  const title = say('console.admin.settings.try_mail');
  const wrong = isProblem(trial.error) && trial.error.field === 'recipient' ? trial.error.beside : undefined;
  return (
    <Fieldset legend={title}>
      <Stack gap="md">
        <Text c="dimmed">{say('console.admin.settings.try_about')}</Text>
        <TextInput
          type="email"
          label={say('console.admin.settings.try_mail_to')}
          description={say('console.admin.settings.try_mail_hint')}
          autoComplete="off"
          value={recipient}
          onChange={(event) => setRecipient(event.currentTarget.value)}
          error={wrong}
        />
        <Group>
          <Button variant="default" leftSection={<IconMail size={16} aria-hidden />} loading={trial.isPending} onClick={() => trial.mutate({ changes, recipient: recipient.trim() || undefined })}>
            {title}
          </Button>
        </Group>
        {trial.data && isSame(trial.variables.changes, changes) && <Outcome trial={trial.data} good={say('console.admin.settings.tried_mail', { address: trial.data.about })} bad={say('console.admin.settings.mail_failed')} />}
        {trial.error && !wrong && <ErrorState problem={trial.error} />}
      </Stack>
    </Fieldset>
  );
}

function ProviderTrial({ changes }: TrialProps) {
  const say = useWords();
  const trial = useTryProvider();
  const title = say('console.admin.settings.try_provider');
  return (
    <Fieldset legend={title}>
      <Stack gap="md">
        <Text c="dimmed">{say('console.admin.settings.try_about')}</Text>
        <Group>
          <Button variant="default" leftSection={<IconShieldCheck size={16} aria-hidden />} loading={trial.isPending} onClick={() => trial.mutate(changes)}>
            {title}
          </Button>
        </Group>
        {trial.data && isSame(trial.variables, changes) && <Outcome trial={trial.data} good={say('console.admin.settings.tried_provider')} bad={say('console.admin.settings.provider_failed')} />}
        {trial.error && <ErrorState problem={trial.error} />}
      </Stack>
    </Fieldset>
  );
}

/** What was tried before something else was typed says nothing of that. */
const isSame = (tried: SettingsChanges, typed: SettingsChanges) => JSON.stringify(tried) === JSON.stringify(typed);

function Outcome({ trial, good, bad }: { trial: SettingsTrial; good: string; bad: string }) {
  const say = useWords();
  if (trial.ok) return <Notice tone="success" title={good} />;
  return (
    <Notice tone="failed" title={bad}>
      <div>{trial.message}</div>
      {trial.detail && <div className="muted">{trial.detail}</div>}
      {trial.allow && <CommandLine label={say('console.admin.set.egress_allow')} text={`[egress]\nallow = ["${trial.allow}"]`} />}
    </Notice>
  );
}
