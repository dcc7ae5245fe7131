import { Button, Group, Stack, Title } from '@mantine/core';
import { IconBan, IconRefresh } from '@tabler/icons-react';
import { useQueryClient, useSuspenseQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type BuildDetail, buildKeys, buildQuery, useCancelBuild, useRetryBuild } from '@/api/builds';
import { useTopic } from '@/app/events';
import { Page } from '@/app/Page';
import { useWords } from '@/app/words';
import { EmptyPlace } from '@/ui/EmptyPlace';
import { ErrorState } from '@/ui/ErrorState';
import { TableSkeleton } from '@/ui/skeletons';
import { BuildFacts } from './BuildFacts';
import { BuildFailure } from './BuildFailure';
import { BuildPushes } from './BuildPushes';
import { BuildStateCell } from './BuildStateCell';
import { isOver } from './buildState';
import { readLines, writeLines } from './log/lineLink';
import { LogView } from './log/LogView';
import { useLog } from './log/useLog';

interface BuildPageProps {
  name: string;
  number: number;
  /** What the log is searched for. */
  q?: string;
  hash: string;
}

/** 构建#412: what became of a build, and everything that it wrote. */
export function BuildPage({ name, number, q = '', hash }: BuildPageProps) {
  const say = useWords();
  const queries = useQueryClient();
  const build = useSuspenseQuery(buildQuery(name, number)).data;
  useTopic(`builds:${name}`, () => void queries.invalidateQueries({ queryKey: buildKeys.one(name, number) }));
  const place = build.position ? { position: build.position, expected_start: build.expected_start } : undefined;
  const title = say('console.builds.title', { number });
  return (
    <Page
      title={title}
      windowTitle={[title, name]}
      crumbs={[
        { label: say('console.core.nav.images'), to: '/images' },
        { label: name, to: '/images/$name', params: { name } },
        { label: say('console.images.tab.builds'), to: '/images/$name/builds', params: { name } },
      ]}
      beside={<BuildStateCell build={build} place={place} />}
      actions={<Actions image={name} build={build} />}
    >
      <Stack gap="lg">
        <BuildFacts image={name} build={build} />
        <BuildFailure build={build} />
        <BuildPushes image={name} build={build} />
        <Log image={name} build={build} q={q} hash={hash} />
      </Stack>
    </Page>
  );
}

function Actions({ image, build }: { image: string; build: BuildDetail }) {
  const say = useWords();
  const navigate = useNavigate();
  const cancel = useCancelBuild(image);
  const retry = useRetryBuild(image);
  const failed = cancel.error ?? retry.error;
  return (
    <>
      {isOver(build) && build.may.includes('retry') && (
        <Button
          leftSection={<IconRefresh size={16} aria-hidden />}
          loading={retry.isPending}
          onClick={() =>
            retry.mutate(build.number, {
              onSuccess: ({ number }) => navigate({ to: '/images/$name/builds/$number', params: { name: image, number: String(number) } }),
            })
          }
        >
          {say('console.core.retry')}
        </Button>
      )}
      {!isOver(build) && build.may.includes('cancel') && (
        <Button
          variant="default"
          leftSection={<IconBan size={16} aria-hidden />}
          loading={cancel.isPending}
          aria-disabled={Boolean(build.stopping)}
          onClick={() => !build.stopping && cancel.mutate(build.number)}
        >
          {say('console.builds.cancel')}
        </Button>
      )}
      {failed && <ErrorState problem={failed} />}
    </>
  );
}

function Log({ image, build, q, hash }: { image: string; build: BuildDetail; q: string; hash: string }) {
  const say = useWords();
  if (!build.may.includes('read_logs')) return <EmptyPlace title={say('console.core.forbidden')} text={say('console.builds.log_forbidden')} />;
  if (build.log === 'expired') return <EmptyPlace title={say('console.builds.log_expired')} text={say('console.builds.log_expired_text')} />;
  if (build.log === 'none') {
    return <EmptyPlace title={say('console.builds.log_none')} text={isOver(build) ? undefined : say('console.builds.log_none_text')} />;
  }
  return <OpenedLog image={image} build={build} q={q} hash={hash} />;
}

function OpenedLog({ image, build, q, hash }: { image: string; build: BuildDetail; q: string; hash: string }) {
  const say = useWords();
  const navigate = useNavigate({ from: '/images/$name/builds/$number' });
  const log = useLog(image, build);
  return (
    <div>
      <Group mb="sm">
        <Title order={2}>
          {say('console.builds.log')}
        </Title>
      </Group>
      {log.problem !== undefined ? (
        <ErrorState problem={log.problem} />
      ) : !log.whole && log.record.total === 0 ? (
        <TableSkeleton rows={10} />
      ) : (
        <LogView
          key={build.number}
          image={image}
          build={build}
          log={log}
          linked={readLines(hash)}
          onLink={(lines) => navigate({ search: true, hash: writeLines(lines), replace: true, resetScroll: false, hashScrollIntoView: false })}
          wanted={q}
          onSearch={(wanted) => navigate({ search: { q: wanted || undefined }, hash: true, replace: true, resetScroll: false, hashScrollIntoView: false })}
        />
      )}
    </div>
  );
}
