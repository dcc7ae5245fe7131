import { Button, Group, Stack, Text, Textarea, Title } from '@mantine/core';
import { useSuspenseQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, lazy, Suspense, useState } from 'react';
import { type Namespace, namespaceQuery, useEditNamespace } from '@/api/namespaces';
import { useSession } from '@/api/session';
import { LeaveGuard } from '@/app/LeaveGuard';
import '@/app/styles/forms';
import { useWords } from '@/app/words';
import { announce } from '@/ui/announce';
import { ErrorState } from '@/ui/ErrorState';
import { Fact, Facts } from '@/ui/Facts';
import { formatCount } from '@/ui/format/count';
import { Time } from '@/ui/Time';
import { NamespaceFrame } from './NamespaceFrame';

const DeleteNamespace = lazy(() => import('./DeleteNamespace'));

/** The namespace of names without a slash; the server keeps it. */
const BUILT_IN = 'library';

/** The tab 设置: the description, what is in it, and its end. */
export function SettingsPage({ namespace: name }: { namespace: string }) {
  const say = useWords();
  const namespace = useSuspenseQuery(namespaceQuery(name)).data;
  return (
    <NamespaceFrame namespace={name} tab={say('console.namespaces.tab.settings')}>
      <Stack maw={720} gap="xl">
        <Facts>
          <Fact label={say('console.namespaces.images')}>{formatCount(namespace.repository_count)}</Fact>
          <Fact label={say('console.core.created')}>
            <Time at={namespace.created_at} mode="record" />
          </Fact>
        </Facts>
        {namespace.may.includes('edit') && <Description key={namespace.description} namespace={namespace} />}
        {namespace.may.includes('delete') && <End name={name} />}
      </Stack>
    </NamespaceFrame>
  );
}

function Description({ namespace }: { namespace: Namespace }) {
  const say = useWords();
  const edit = useEditNamespace(namespace.name);
  const [typed, setTyped] = useState(false);
  const save = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const description = String(new FormData(event.currentTarget).get('description') ?? '').trim();
    edit.mutate({ description }, { onSuccess: () => { setTyped(false); announce(say('console.core.saved')); } });
  };
  return (
    <form onSubmit={save} onChange={() => setTyped(true)} noValidate>
      <LeaveGuard dirty={typed && !edit.isPending} inPage />
      <Textarea name="description" label={say('console.core.description')} defaultValue={namespace.description} autosize minRows={3} maxRows={12} />
      {edit.error && <ErrorState problem={edit.error} />}
      <Group mt="md" gap="sm">
        <Button type="submit" loading={edit.isPending}>
          {say('console.core.save')}
        </Button>
        {edit.isSuccess && <span className="muted">{say('console.core.saved')}</span>}
      </Group>
    </form>
  );
}

function End({ name }: { name: string }) {
  const say = useWords();
  const { user } = useSession();
  const navigate = useNavigate();
  const [deleting, setDeleting] = useState(false);
  const kept = name === BUILT_IN ? say('console.namespaces.kept_built_in') : name === user?.username ? say('console.namespaces.kept_own') : undefined;
  return (
    <section>
      <Title order={2} mb={4}>
        {say('console.namespaces.delete')}
      </Title>
      <Text c="dimmed" mb="md">
        {kept ?? say('console.namespaces.delete_text')}
      </Text>
      {!kept && (
        <Button variant="outline" color="danger" onClick={() => setDeleting(true)}>
          {say('console.namespaces.delete')}
        </Button>
      )}
      {deleting && (
        <Suspense fallback={null}>
          <DeleteNamespace name={name} onClose={() => setDeleting(false)} onDeleted={() => void navigate({ to: '/namespaces' })} />
        </Suspense>
      )}
    </section>
  );
}
