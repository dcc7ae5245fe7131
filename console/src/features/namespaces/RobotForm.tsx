import { Checkbox, Select, Stack, TextInput } from '@mantine/core';
import { type FormEvent, useRef, useState } from 'react';
import { isProblem } from '@/api/problem';
import { type Robot, type RobotAction, useCreateRobot, useEditRobot } from '@/api/robots';
import { FormOverlay } from '@/app/Overlay';
import { useWords } from '@/app/words';
import { sayAction } from '@/features/account/actions';
import { DAY, lifetimes } from '@/features/account/lifetimes';
import { SecretOnce } from '@/features/account/SecretOnce';
import { announce } from '@/ui/announce';
import { ErrorState } from '@/ui/ErrorState';
import { formatInstant } from '@/ui/format/time';

/** In the order of what they can do harm with. */
const robotActions: RobotAction[] = ['pull', 'push', 'delete', 'build:start', 'trigger:run'];

/** The choice that leaves an end as it is. */
const KEEP = 'keep';

interface RobotFormProps {
  namespace: string;
  /** The one that is changed; a new one where this is missing. */
  robot?: Robot;
  onClose: () => void;
}

/** A robot: name, what it may, and until when. A new one's secret is shown once. */
export default function RobotForm({ namespace, robot, onClose }: RobotFormProps) {
  const say = useWords();
  const create = useCreateRobot(namespace);
  const edit = useEditRobot(namespace);
  const name = useRef<HTMLInputElement>(null);
  const description = useRef<HTMLInputElement>(null);
  const [actions, setActions] = useState<string[]>(robot?.actions ?? ['pull']);
  const first = robot ? KEEP : lifetimes[0];
  const [days, setDays] = useState<string | null>(first);
  const [wrong, setWrong] = useState<{ name?: string; actions?: string }>({});

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const typed = robot?.name ?? name.current?.value.trim() ?? '';
    const missing = {
      name: typed === '' ? say('console.core.required') : undefined,
      actions: actions.length === 0 ? say('console.account.choose_action') : undefined,
    };
    setWrong(missing);
    if (missing.name) name.current?.focus();
    if (missing.name || missing.actions) return;
    const expiry = days === KEEP ? {} : { expires_at: days ? new Date(Date.now() + Number(days) * DAY).toISOString() : null };
    const values = { description: description.current?.value.trim() ?? '', actions: actions as RobotAction[] };
    const onError = (error: Error) => {
      if (!isProblem(error)) return;
      if (error.field === 'actions') setWrong({ actions: error.beside });
      else if (error.field === 'name' || error.code === 'conflict') {
        setWrong({ name: error.beside });
        name.current?.focus();
      }
    };
    if (!robot) {
      create.mutate({ name: typed, ...values, ...expiry }, { onError });
      return;
    }
    edit.mutate(
      { name: robot.name, changes: { ...values, ...expiry } },
      {
        onSuccess: () => {
          announce(say('console.core.saved'));
          onClose();
        },
        onError,
      },
    );
  };
  if (create.data) {
    return (
      <SecretOnce
        title={say('console.namespaces.robot_made')}
        secret={create.data.secret}
        once={say('console.namespaces.secret_once')}
        label={say('console.namespaces.robot_secret')}
        login={create.data.login}
        onClose={onClose}
      />
    );
  }
  const error = create.error ?? edit.error;
  const kept = robot && {
    value: KEEP,
    label: say('console.namespaces.expires_keep', { at: robot.expires_at ? formatInstant(new Date(robot.expires_at)) : say('console.account.never') }),
  };
  return (
    <FormOverlay
      title={robot ? say('console.namespaces.edit_robot_named', { name: robot.name }) : say('console.namespaces.create_robot')}
      onClose={onClose}
      onSubmit={submit}
      submit={robot ? say('console.core.save') : say('console.namespaces.create_robot')}
      saves={robot ? edit : create}
      changed={days !== first}
    >
      {!robot && (
        <TextInput
          ref={name}
          data-autofocus
          label={say('console.core.name')}
          description={say('console.namespaces.robot_name_hint', { namespace })}
          autoCapitalize="none"
          autoComplete="off"
          spellCheck={false}
          error={wrong.name}
        />
      )}
      <TextInput ref={description} label={say('console.core.description')} defaultValue={robot?.description} autoComplete="off" />
      <Checkbox.Group label={say('console.namespaces.robot_actions')} value={actions} onChange={setActions} error={wrong.actions}>
        <Stack gap={8} mt={4}>
          {robotActions.map((action) => (
            <Checkbox key={action} value={action} label={sayAction(action, say)} />
          ))}
        </Stack>
      </Checkbox.Group>
      <Select
        label={say('console.namespaces.robot_expires')}
        data={[
          ...(kept ? [kept] : []),
          ...lifetimes.map((each) => ({ value: each, label: each ? say('console.account.days', { count: Number(each) }) : say('console.account.never') })),
        ]}
        value={days}
        onChange={setDays}
        allowDeselect={false}
      />
      {error && !wrong.name && !wrong.actions && <ErrorState problem={error} />}
    </FormOverlay>
  );
}
