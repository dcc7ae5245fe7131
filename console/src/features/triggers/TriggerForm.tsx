import { Button, Checkbox, Group, Stack, Switch, TagsInput, TextInput, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconPlus } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import { isProblem } from '@/api/problem';
import type { TriggerEvent, TriggerPlace } from '@/api/triggers';
import { LeaveGuard } from '@/app/LeaveGuard';
import '@/app/styles/forms';
import { useLanguage, useWords } from '@/app/words';
import { ErrorState } from '@/ui/ErrorState';
import { findField, focusFirst, scrollTo } from '@/ui/fields';
import { FormButtons } from '@/ui/FormButtons';
import { ActionFields } from './ActionFields';
import { checkTrigger } from './check';
import { ConditionFields } from './ConditionFields';
import { ConditionTrial } from './ConditionTrial';
import { isBuildEvent, newAction, toPath, type TriggerDraft } from './draft';
import { linkToTriggers } from './links';
import classes from './triggers.module.css';
import { eventWords } from './words';

interface TriggerFormProps {
  place: TriggerPlace;
  /** The namespace whose clusters may be chosen. */
  namespace: string;
  initial: TriggerDraft;
  /** Rejects with the problem that the server has with it. */
  onSave: (draft: TriggerDraft) => Promise<void>;
  pending: boolean;
  /** Whether the reader may not change it: it is shown. */
  fixed?: boolean;
}

const pushEvents: TriggerEvent[] = ['tag_created', 'tag_changed', 'tag_deleted'];
const buildEvents: TriggerEvent[] = ['build_started', 'build_succeeded', 'build_failed'];

/** The most actions of a trigger; the server refuses more. */
const MOST_ACTIONS = 10;

/** A trigger: name, condition, events, actions; beside it what the condition would have chosen. */
export function TriggerForm({ place, namespace, initial, onSave, pending, fixed }: TriggerFormProps) {
  const say = useWords();
  const language = useLanguage();
  const [problem, setProblem] = useState<unknown>();
  const [saved, setSaved] = useState(false);
  // Controlled: what a choice opens, and the trial beside it, read every value.
  const form = useForm<TriggerDraft>({
    mode: 'controlled',
    initialValues: initial,
    validate: (draft) => checkTrigger(draft, say),
    validateInputOnBlur: true,
    validateInputOnChange: true,
  });
  const { values } = form;
  // Events of builds are not asked for a version.
  const onlyBuilds = values.events.length > 0 && values.events.every(isBuildEvent);
  const workloads = values.actions.some((action) => action.kind === 'workload');

  const save = async (draft: TriggerDraft) => {
    setProblem(undefined);
    try {
      setSaved(true);
      await onSave(draft);
    } catch (error) {
      setSaved(false);
      const field = isProblem(error) ? (error.code === 'conflict' && error.params.what === 'trigger' ? 'name' : error.field) : undefined;
      const path = field === undefined ? undefined : findField(toPath(field));
      if (path && isProblem(error)) {
        form.setErrors({ [path]: error.beside });
        focusFirst({ [path]: true });
      } else {
        setProblem(error);
      }
    }
  };

  return (
    <div className={classes.editor}>
      <form onSubmit={form.onSubmit(save, focusFirst)} noValidate className={classes.form}>
        <LeaveGuard dirty={form.isDirty() && !saved} inPage />
        <fieldset disabled={fixed} className={classes.whole}>
        <Stack gap="xl">
          <TextInput
            label={say('console.triggers.name')}
            description={say('console.triggers.name_hint')}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            data-path="name"
            {...form.getInputProps('name')}
          />
          {!onlyBuilds && <ConditionFields form={form} />}
          <EventFields
            events={values.events}
            rules={values.rules}
            onlyPushes={workloads}
            error={form.errors.events}
            rulesError={form.errors.rules}
            onEvents={(events) => form.setFieldValue('events', events)}
            onRules={(rules) => form.setFieldValue('rules', rules)}
          />
          <section aria-labelledby="trigger-actions">
            <Title order={2} id="trigger-actions" mb="md">
              {say('console.triggers.action_label')}
            </Title>
            <Stack gap="lg">
              {values.actions.map((action, index) => (
                <ActionFields key={action.key} form={form} index={index} place={place} namespace={namespace} />
              ))}
              {values.actions.length < MOST_ACTIONS && (
                <Button
                  variant="default"
                  leftSection={<IconPlus size={16} aria-hidden />}
                  onClick={() => form.insertListItem('actions', newAction('webhook', language))}
                  style={{ alignSelf: 'flex-start' }}
                >
                  {say('console.triggers.add_action')}
                </Button>
              )}
            </Stack>
          </section>
          <Switch label={say('console.triggers.enabled')} {...form.getInputProps('enabled', { type: 'checkbox' })} />
          {problem !== undefined && (
            <div ref={scrollTo}>
              <ErrorState problem={problem} />
            </div>
          )}
          {!fixed && <FormButtons pending={pending} cancel={linkToTriggers(place)} />}
        </Stack>
        </fieldset>
      </form>
      <aside className={classes.aside}>
        <ConditionTrial place={place} condition={values.condition} events={values.events} />
      </aside>
    </div>
  );
}

interface EventFieldsProps {
  events: TriggerEvent[];
  rules: string[];
  /** An action says which image shall run, so other events mean nothing to it. */
  onlyPushes: boolean;
  error: ReactNode;
  rulesError: ReactNode;
  onEvents: (events: TriggerEvent[]) => void;
  onRules: (rules: string[]) => void;
}

function EventFields({ events, rules, onlyPushes, error, rulesError, onEvents, onRules }: EventFieldsProps) {
  const say = useWords();
  // Each group changes its own events and leaves the other's.
  const group = (own: TriggerEvent[], label: string, help: string | undefined, wrong?: ReactNode) => (
    <Checkbox.Group
      label={label}
      description={help}
      error={wrong}
      value={events.filter((event) => own.includes(event))}
      onChange={(chosen) => onEvents([...events.filter((event) => !own.includes(event)), ...own.filter((event) => chosen.includes(event))])}
    >
      <Group gap="lg" mt={4}>
        {own.map((event) => (
          <Checkbox key={event} value={event} label={say(eventWords[event])} data-path={event === 'tag_created' ? 'events' : undefined} />
        ))}
      </Group>
    </Checkbox.Group>
  );
  return (
    <Stack gap="md">
      {group(pushEvents, say('console.triggers.events'), onlyPushes ? say('console.triggers.events_of_workloads') : undefined, error)}
      {group(buildEvents, say('console.triggers.build_events'), say('console.triggers.build_events_help'))}
      {events.some(isBuildEvent) && (
        <TagsInput
          label={say('console.triggers.rules')}
          description={say('console.triggers.rules_hint')}
          value={rules}
          onChange={onRules}
          error={rulesError}
          data-path="rules"
        />
      )}
    </Stack>
  );
}
