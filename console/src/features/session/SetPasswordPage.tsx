import { Stack, Text, Title } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect } from 'react';
import { sessionQuery } from '@/api/session';
import { PlainPage } from '@/app/PlainPage';
import { readNext } from '@/app/urls';
import { useWords } from '@/app/words';
import { PasswordForm } from './PasswordForm';

/** The first thing that somebody with a printed password does. */
export function SetPasswordPage({ next }: { next?: string }) {
  const say = useWords();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const title = say('console.core.set_password');
  useEffect(() => {
    document.title = `${title} · wharf`;
  }, [title]);
  const goOn = async () => {
    await queries.fetchQuery({ ...sessionQuery, staleTime: 0 });
    await navigate({ href: readNext(next), replace: true });
  };
  return (
    <PlainPage>
      <Stack gap="lg">
        <Title order={1} tabIndex={-1}>
          {title}
        </Title>
        <Text c="dimmed">{say('console.core.set_password_text')}</Text>
        <PasswordForm onDone={goOn} />
      </Stack>
    </PlainPage>
  );
}
