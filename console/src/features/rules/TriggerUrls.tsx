import { Alert, Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { useSuspenseQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { isProblem } from '@/api/problem';
import { triggerUrlsQuery, useTriggerUrls } from '@/api/rules';
import { LeaveGuard } from '@/app/LeaveGuard';
import { useWords } from '@/app/words';
import { CommandLine } from '@/ui/CommandLine';
import { Confirm } from '@/ui/Confirm';
import { type Column, DataTable } from '@/ui/DataTable';
import { ErrorState } from '@/ui/ErrorState';
import { Time } from '@/ui/Time';
import type { TriggerUrl } from '@/api/rules';

/** 构建触发URL: addresses that let a rule build; each is shown whole once. */
export default function TriggerUrls({ image, rule }: { image: string; rule: string }) {
  const say = useWords();
  const urls = useSuspenseQuery(triggerUrlsQuery(image, rule)).data;
  const { create, revoke } = useTriggerUrls(image, rule);
  const [wrong, setWrong] = useState<string>();
  const [typed, setTyped] = useState(false);
  const [revoking, setRevoking] = useState<TriggerUrl>();
  const made = create.data;

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const name = String(new FormData(form).get('name') ?? '').trim();
    if (name === '') return setWrong(say('console.core.required'));
    setWrong(undefined);
    create.mutate(name, {
      onSuccess: () => {
        form.reset();
        setTyped(false);
      },
      onError: (error) => isProblem(error) && (error.field === 'name' || error.code === 'conflict') && setWrong(error.beside),
    });
  };
  const columns: Column<TriggerUrl>[] = [
    { key: 'name', title: say('console.rules.purpose'), grows: true, cell: (url) => url.name },
    { key: 'by', title: say('console.rules.created_by'), from: 1000, cell: (url) => url.created_by },
    { key: 'used', title: say('console.rules.last_used'), cell: (url) => <Time at={url.last_used_at} /> },
  ];
  return (
    <Stack gap="md" maw={960}>
      <p className="muted" style={{ margin: 0 }}>
        {say('console.rules.trigger_urls_text')}
      </p>
      {urls.length > 0 && (
        <DataTable
          label={say('console.rules.trigger_urls')}
          columns={columns}
          rows={urls}
          keyOf={(url) => url.id}
          actions={(url) => (
            <Button variant="subtle" color="danger" size="compact-sm" onClick={() => setRevoking(url)} aria-label={say('console.rules.revoke_named', { name: url.name })}>
              {say('console.rules.revoke')}
            </Button>
          )}
        />
      )}
      {made && (
        <Alert color="tide" variant="outline" title={say('console.rules.shown_once')}>
          <CommandLine label={say('console.rules.trigger_url')} text={`curl -X POST ${made.url}`} />
        </Alert>
      )}
      {create.error && !wrong && <ErrorState problem={create.error} />}
      <form onSubmit={submit} onChange={() => setTyped(true)} noValidate>
        <LeaveGuard dirty={typed && !create.isPending} inPage />
        <Group align="flex-start" gap="sm">
          <TextInput name="name" aria-label={say('console.rules.purpose')} placeholder={say('console.rules.purpose')} error={wrong} w={240} />
          <Button type="submit" variant="default" loading={create.isPending}>
            {say('console.rules.new_trigger_url')}
          </Button>
        </Group>
      </form>
      {revoking && (
        <Confirm
          title={say('console.rules.revoke_named', { name: revoking.name })}
          action={say('console.rules.revoke')}
          danger
          onConfirm={() => revoke.mutate(revoking.id, { onSuccess: () => setRevoking(undefined) })}
          onClose={() => {
            revoke.reset();
            setRevoking(undefined);
          }}
          pending={revoke.isPending}
          problem={revoke.error}
        >
          <Text>{say('console.rules.revoke_text')}</Text>
        </Confirm>
      )}
    </Stack>
  );
}
