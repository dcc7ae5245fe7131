import { Button, Group, Stack, Text, TextInput, Title } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useEditMe } from '@/api/me';
import { isProblem } from '@/api/problem';
import { type SignedInUser, useSession } from '@/api/session';
import { Page } from '@/app/Page';
import '@/app/styles/forms';
import { useWords } from '@/app/words';
import { PasswordForm } from '@/features/session/PasswordForm';
import { announce } from '@/ui/announce';
import { ErrorState } from '@/ui/ErrorState';
import { Fact, Facts } from '@/ui/Facts';
import { ButtonLink } from '@/ui/links';
import { Notice } from '@/ui/Notice';
import { Time } from '@/ui/Time';

/** 个人资料: how somebody is called and reached, and their password. Who signs in elsewhere has none, and makes a token instead. */
export function ProfilePage() {
  const say = useWords();
  const { user } = useSession();
  if (!user) return null;
  return (
    <Page title={say('console.core.profile')}>
      <Stack maw={720} gap="xl">
        <Facts>
          <Fact label={say('console.core.username')}>{user.username}</Fact>
          <Fact label={say('console.core.created')}>
            <Time at={user.created_at} mode="record" />
          </Fact>
        </Facts>
        <Names user={user} />
        <Password user={user} />
      </Stack>
    </Page>
  );
}

function Names({ user }: { user: SignedInUser }) {
  const say = useWords();
  const edit = useEditMe();
  const save = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    const read = (field: string) => String(data.get(field) ?? '').trim();
    edit.mutate({ display_name: read('display_name'), email: read('email') }, { onSuccess: () => announce(say('console.core.saved')) });
  };
  const wrong = (field: string) => (isProblem(edit.error) && edit.error.field === field ? edit.error.beside : undefined);
  const placed = ['display_name', 'email'].some(wrong);
  return (
    <form onSubmit={save} noValidate>
      <Stack gap="lg">
        <Text c="dimmed">{say('console.account.profile_text')}</Text>
        <TextInput name="display_name" label={say('console.account.display_name')} defaultValue={user.display_name} autoComplete="name" error={wrong('display_name')} />
        <TextInput name="email" type="email" label={say('console.account.email')} description={user.admin ? say('console.account.email_hint') : undefined} defaultValue={user.email} autoComplete="email" error={wrong('email')} />
        {edit.error && !placed && <ErrorState problem={edit.error} />}
        <Group gap="sm">
          <Button type="submit" loading={edit.isPending}>
            {say('console.core.save')}
          </Button>
          {edit.isSuccess && <span className="muted">{say('console.core.saved')}</span>}
        </Group>
      </Stack>
    </form>
  );
}

function Password({ user }: { user: SignedInUser }) {
  const say = useWords();
  const [changed, setChanged] = useState(0);
  const done = () => {
    announce(say('console.account.password_changed'));
    // Another form: what was typed is gone.
    setChanged((before) => before + 1);
  };
  return (
    <section>
      <Title order={2} mb="xs">
        {say('console.account.password')}
      </Title>
      <Text c="dimmed" mb="lg">
        {say(user.has_password ? 'console.account.password_text' : 'console.account.no_password')}
      </Text>
      {user.has_password ? (
        <Stack gap="lg">
          {changed > 0 && <Notice tone="success" title={say('console.account.password_changed')} />}
          <PasswordForm key={changed} onDone={done} />
        </Stack>
      ) : (
        <ButtonLink to="/account/tokens" search={{ new: true }}>
          {say('console.account.create_token')}
        </ButtonLink>
      )}
    </section>
  );
}
