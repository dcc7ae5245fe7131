import { Button, Group, Radio, Stack, Textarea, TextInput } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, lazy, Suspense, useRef, useState } from 'react';
import { isProblem } from '@/api/problem';
import { useCreateRepository } from '@/api/repositories';
import { LeaveGuard } from '@/app/LeaveGuard';
import { Page } from '@/app/Page';
import '@/app/styles/forms';
import { useWords } from '@/app/words';
import { useFirstNamespace } from '@/features/namespaces/first';
import { NamespaceSelect } from '@/features/namespaces/NamespaceSelect';
import { EmptyPlace } from '@/ui/EmptyPlace';
import { ErrorState } from '@/ui/ErrorState';
import { ButtonLink } from '@/ui/links';
import { FormSkeleton } from '@/ui/skeletons';
import { type HeadProps, type ImageHead, isHeadTyped } from './head';

/** The longest short description, in characters; the server refuses more. */
const LONGEST_DESCRIPTION = 100;

const NewImageFromGit = lazy(() => import('@/features/rules/NewImageFromGit'));

/** 新建镜像: an empty image that waits for its first push, or one that is built from a Git repository. */
export function NewImagePage({ namespace, from }: { namespace?: string; from?: 'git' }) {
  const say = useWords();
  const navigate = useNavigate();
  const first = useFirstNamespace(namespace);
  const [head, setHead] = useState<ImageHead>({ name: '', type: 'private', description: '' });
  const choose = (next: string) =>
    navigate({ to: '/images/-/new', search: { ns: namespace, from: next === 'git' ? 'git' : undefined }, replace: true });
  const crumbs = [{ label: say('console.core.nav.images'), to: '/images' as const }];
  if (first === undefined) {
    return (
      <Page title={say('console.images.new')} crumbs={crumbs}>
        <EmptyPlace title={say('console.namespaces.none')} text={say('console.images.namespace_first')}>
          <ButtonLink to="/namespaces/-/new">{say('console.core.create_namespace')}</ButtonLink>
        </EmptyPlace>
      </Page>
    );
  }
  const shared = {
    namespace: head.namespace ?? first,
    head,
    change: (part: Partial<ImageHead>) => setHead((before) => ({ ...before, ...part })),
  };
  return (
    <Page title={say('console.images.new')} crumbs={crumbs}>
      <Radio.Group aria-label={say('console.images.new')} value={from ?? 'push'} onChange={choose} mb="xl">
        <Group gap="xl">
          <Radio value="push" label={say('console.images.from_push')} />
          <Radio value="git" label={say('console.images.from_git')} />
        </Group>
      </Radio.Group>
      {from === 'git' ? (
        <Suspense fallback={<FormSkeleton />}>
          <NewImageFromGit {...shared} />
        </Suspense>
      ) : (
        <EmptyImageForm {...shared} />
      )}
    </Page>
  );
}

/** An image without versions, before its first push. */
function EmptyImageForm({ namespace, head, change }: HeadProps) {
  const say = useWords();
  const navigate = useNavigate();
  const create = useCreateRepository();
  const name = useRef<HTMLInputElement>(null);
  const [wrong, setWrong] = useState<{ name?: string; description?: string }>({});

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const typed = head.name.trim();
    if (typed === '') {
      setWrong({ name: say('console.core.required') });
      name.current?.focus();
      return;
    }
    setWrong({});
    try {
      const made = await create.mutateAsync({
        name: `${namespace}/${typed}`,
        public: head.type === 'public',
        short_description: head.description.trim(),
      });
      await navigate({ to: '/images/$name', params: { name: made.name } });
    } catch (error) {
      if (isProblem(error) && (error.field === 'name' || error.code === 'conflict')) {
        setWrong({ name: error.beside });
        name.current?.focus();
      } else if (isProblem(error) && error.field === 'short_description') {
        setWrong({ description: error.beside });
      }
    }
  };
  const shown = create.error && !wrong.name && !wrong.description ? create.error : undefined;
  return (
      <form onSubmit={submit} noValidate>
        <LeaveGuard dirty={isHeadTyped(head) && !create.isPending && !create.isSuccess} inPage />
        <Stack gap="lg" maw={720}>
          <NamespaceSelect verb="create_repositories" value={namespace} onChange={(next) => next && change({ namespace: next })} allowDeselect={false} />
          <TextInput ref={name} name="name" value={head.name} onChange={(event) => change({ name: event.currentTarget.value })} label={say('console.images.name')} description={say('console.images.name_hint')} autoCapitalize="none" autoComplete="off" spellCheck={false} error={wrong.name} />
          <Radio.Group label={say('console.core.type')} value={head.type} onChange={(type) => change({ type })}>
            <Group mt={4} gap="xl">
              <Radio value="private" label={say('console.core.private')} />
              <Radio value="public" label={say('console.core.public')} />
            </Group>
          </Radio.Group>
          <Textarea value={head.description} onChange={(event) => change({ description: event.currentTarget.value })} label={say('console.images.short_description')} description={say('console.images.at_most', { most: LONGEST_DESCRIPTION })} maxLength={LONGEST_DESCRIPTION} autosize minRows={2} error={wrong.description} />
          {shown && <ErrorState problem={shown} />}
          <Group>
            <Button type="submit" loading={create.isPending}>
              {say('console.core.save')}
            </Button>
            <ButtonLink to="/images" variant="default">
              {say('console.core.cancel')}
            </ButtonLink>
          </Group>
        </Stack>
      </form>
  );
}
