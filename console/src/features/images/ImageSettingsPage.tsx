import { Button, Group, Stack, Text, Title } from '@mantine/core';
import { useSuspenseQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { repositoryQuery, useUpdateRepository } from '@/api/repositories';
import { LeaveGuard } from '@/app/LeaveGuard';
import { useWords } from '@/app/words';
import { announce } from '@/ui/announce';
import { ErrorState } from '@/ui/ErrorState';
import { PartBoundary } from '@/ui/PartBoundary';
import { ImageFrame } from './ImageFrame';
import { TypeField } from './TypeField';

const SyncReadme = lazy(() => import('./SyncReadme'));
const DeleteImage = lazy(() => import('./DeleteImage'));

/** 设置: who may pull, where the README comes from, and the end of the image. */
export function ImageSettingsPage({ name }: { name: string }) {
  const say = useWords();
  const image = useSuspenseQuery(repositoryQuery(name)).data;
  return (
    <ImageFrame name={name} tab={say('console.images.tab.settings')} quiet>
      <Stack maw={720} gap="xl">
        {image.may.includes('edit') && <Visibility name={name} open={image.public} />}
        {image.may.includes('manage_rules') && (
          <PartBoundary>
            <Suspense fallback={null}>
              <SyncReadme name={name} />
            </Suspense>
          </PartBoundary>
        )}
        {image.may.includes('delete') && <End name={name} bytes={image.size_bytes} />}
      </Stack>
    </ImageFrame>
  );
}

function Visibility({ name, open }: { name: string; open: boolean }) {
  const say = useWords();
  const update = useUpdateRepository(name);
  const [chosen, setChosen] = useState(open);
  const save = () => update.mutate({ public: chosen }, { onSuccess: () => announce(say('console.core.saved')) });
  return (
    <section>
      <LeaveGuard dirty={chosen !== open && !update.isPending} inPage />
      <TypeField open={chosen} onChange={setChosen} />
      {update.error && <ErrorState problem={update.error} />}
      <Group mt="md">
        <Button onClick={save} loading={update.isPending}>
          {say('console.core.save')}
        </Button>
        {update.isSuccess && chosen === open && <span className="muted">{say('console.core.saved')}</span>}
      </Group>
    </section>
  );
}

function End({ name, bytes }: { name: string; bytes: number }) {
  const say = useWords();
  const navigate = useNavigate();
  const [deleting, setDeleting] = useState(false);
  return (
    <section>
      <Title order={2} mb={4}>
        {say('console.images.delete')}
      </Title>
      <Text c="dimmed" mb="md">
        {say('console.images.delete_text')}
      </Text>
      <Button variant="outline" color="danger" onClick={() => setDeleting(true)}>
        {say('console.images.delete')}
      </Button>
      {deleting && (
        <Suspense fallback={null}>
          <DeleteImage image={{ name, size_bytes: bytes }} onClose={() => setDeleting(false)} onDeleted={() => void navigate({ to: '/images' })} />
        </Suspense>
      )}
    </section>
  );
}
