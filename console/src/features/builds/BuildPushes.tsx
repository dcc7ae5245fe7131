import { Button, Title } from '@mantine/core';
import { type BuildDetail, useRetryPush } from '@/api/builds';
import { useWords } from '@/app/words';
import { type Column, DataTable } from '@/ui/DataTable';
import { ErrorState } from '@/ui/ErrorState';
import { MiddleCut } from '@/ui/MiddleCut';
import { Reason } from '@/ui/Reason';
import { type ShownState, StateBadge } from '@/ui/StateBadge';
import { Time } from '@/ui/Time';

type Push = BuildDetail['pushes'][number];

/** 同时推送到: the further registries that get the image, and how far that is. */
export function BuildPushes({ image, build }: { image: string; build: BuildDetail }) {
  const say = useWords();
  const retry = useRetryPush(image, build.number);
  if (build.pushes.length === 0) return null;
  const columns: Column<Push>[] = [
    { key: 'image', title: say('console.images.address'), grows: true, cell: (push) => <MiddleCut text={push.image} /> },
    { key: 'tags', title: say('console.builds.versions'), cell: (push) => push.tags.join(', ') || build.tags.join(', ') },
    { key: 'state', title: say('console.builds.state'), cell: (push) => <PushState push={push} /> },
    { key: 'at', title: say('console.core.time'), cell: (push) => <Time at={push.ended_at ?? push.next_at} /> },
  ];
  return (
    <section aria-labelledby="build-pushes">
      <Title order={2} id="build-pushes" mb="sm">
        {say('console.builds.pushes')}
      </Title>
      <DataTable
        label={say('console.builds.pushes')}
        columns={columns}
        rows={build.pushes}
        keyOf={(push) => push.id}
        actions={(push) =>
          push.state === 'failed' &&
          build.may.includes('retry') && (
            <Button variant="default" size="compact-sm" onClick={() => retry.mutate(push.id)}>
              {say('console.core.retry')}
            </Button>
          )
        }
      />
      {retry.error && <ErrorState problem={retry.error} />}
    </section>
  );
}

const states: Record<string, ShownState> = { waiting: 'retrying', failed: 'gave_up', overtaken: 'superseded' };

function PushState({ push }: { push: Push }) {
  const say = useWords();
  const state = states[push.state];
  return (
    <>
      {state && (push.state !== 'waiting' || push.attempts > 0) ? (
        <StateBadge state={state} />
      ) : (
        say(push.state === 'succeeded' ? 'console.builds.pushed' : 'console.builds.pushing')
      )}
      <Reason>{push.error}</Reason>
    </>
  );
}
