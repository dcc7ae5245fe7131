import { Button, Group, Stack, Switch, Text, TextInput } from '@mantine/core';
import { useSuspenseQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { isProblem } from '@/api/problem';
import { type Link, linksQuery, useLinks } from '@/api/rules';
import { LeaveGuard } from '@/app/LeaveGuard';
import '@/app/styles/forms';
import { useWords } from '@/app/words';
import { Confirm } from '@/ui/Confirm';
import { type Column, DataTable } from '@/ui/DataTable';
import { ErrorState } from '@/ui/ErrorState';
import { TextLink } from '@/ui/links';

interface LinksProps {
  image: string;
  /** Links of this rule, and those of all rules. */
  rule: string;
  manages: boolean;
}

/** 仓库链接: when a base image changes, what stands on it is built again. */
export default function Links({ image, rule, manages }: LinksProps) {
  const say = useWords();
  const links = useSuspenseQuery(linksQuery(image)).data.filter((link) => link.rule === null || link.rule === rule);
  const { create, change, remove } = useLinks(image);
  const [wrong, setWrong] = useState<string>();
  const [typed, setTyped] = useState(false);
  const [removing, setRemoving] = useState<Link>();

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const data = new FormData(form);
    const base = String(data.get('base') ?? '').trim();
    if (base === '') return setWrong(say('console.core.required'));
    setWrong(undefined);
    create.mutate(
      { base, tag: String(data.get('tag') ?? '').trim() || null, rule },
      { onSuccess: () => { form.reset(); setTyped(false); }, onError: (error) => isProblem(error) && setWrong(error.beside) },
    );
  };
  const nameOf = (link: Link) => `${link.base ?? say('console.rules.hidden_base')}${link.tag ? `:${link.tag}` : ''}`;
  const columns: Column<Link>[] = [
    {
      key: 'base',
      title: say('console.rules.base'),
      grows: true,
      cell: (link) =>
        link.base ? (
          <TextLink to="/images/$name" params={{ name: link.base }}>
            {nameOf(link)}
          </TextLink>
        ) : (
          <span className="muted">{nameOf(link)}</span>
        ),
    },
    {
      key: 'kind',
      title: say('console.rules.link_kind'),
      cell: (link) => say(link.kind === 'auto' ? 'console.rules.link_auto' : 'console.rules.link_manual'),
    },
    {
      key: 'active',
      title: say('console.rules.active'),
      cell: (link) => (
        <Group gap="sm" wrap="nowrap">
          <Switch
            aria-label={say('console.rules.active_named', { name: nameOf(link) })}
            checked={link.active}
            disabled={!manages}
            onChange={(event) => change.mutate({ id: link.id, active: event.currentTarget.checked })}
          />
          {link.problem === 'cycle' && <span className="muted">{say('console.rules.link_cycle')}</span>}
        </Group>
      ),
    },
  ];
  return (
    <Stack gap="md" maw={960}>
      <p className="muted" style={{ margin: 0 }}>
        {say('console.rules.links_text')}
      </p>
      {links.length > 0 && (
        <DataTable
          label={say('console.rules.links')}
          columns={columns}
          rows={links}
          keyOf={(link) => link.id}
          actions={
            manages
              ? (link) =>
                  link.kind === 'manual' && (
                    <Button variant="subtle" color="danger" size="compact-sm" onClick={() => setRemoving(link)} aria-label={say('console.rules.remove_named', { name: nameOf(link) })}>
                      {say('console.core.delete')}
                    </Button>
                  )
              : undefined
          }
        />
      )}
      {change.error && <ErrorState problem={change.error} />}
      {manages && (
        <form onSubmit={submit} onChange={() => setTyped(true)} noValidate>
          <LeaveGuard dirty={typed && !create.isPending} inPage />
          <Group align="flex-start" gap="sm">
            <TextInput name="base" aria-label={say('console.rules.base')} placeholder={say('console.rules.base_hint')} error={wrong} w={240} spellCheck={false} />
            <TextInput name="tag" aria-label={say('console.rules.base_tag')} placeholder={say('console.rules.any_version')} w={140} spellCheck={false} />
            <Button type="submit" variant="default" loading={create.isPending}>
              {say('console.rules.new_link')}
            </Button>
          </Group>
        </form>
      )}
      {removing && (
        <Confirm
          title={say('console.rules.remove_named', { name: nameOf(removing) })}
          action={say('console.core.delete')}
          danger
          onConfirm={() => remove.mutate(removing.id, { onSuccess: () => setRemoving(undefined) })}
          onClose={() => {
            remove.reset();
            setRemoving(undefined);
          }}
          pending={remove.isPending}
          problem={remove.error}
        >
          <Text>{say('console.rules.remove_link_text', { name: nameOf(removing) })}</Text>
        </Confirm>
      )}
    </Stack>
  );
}
