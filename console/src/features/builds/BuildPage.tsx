import { Button, Stack, Title } from '@mantine/core';
import { IconBan, IconRefresh } from '@tabler/icons-react';
import { useSuspenseQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type BuildDetail, buildKeys, buildQuery, useCancelBuild, useRetryBuild } from '@/api/builds';
import { repositoryQuery } from '@/api/repositories';
import { useLiveQuery } from '@/app/events';
import { Page } from '@/app/Page';
import { useWords } from '@/app/words';
import { listCrumbsInImage } from '@/features/images/crumbs';
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
  /** The step of the log that is open, and what the log is searched for. */
  step?: number;
  q?: string;
  hash: string;
}

/** 构建#412: what became of a build, and everything that it wrote. */
export function BuildPage({ name, number, step, q = '', hash }: BuildPageProps) {
  const say = useWords();
  const image = useSuspenseQuery(repositoryQuery(name)).data;
  const build = useSuspenseQuery(buildQuery(name, number)).data;
  useLiveQuery(`builds:${name}`, buildKeys.one(name, number));
  const place = build.position ? { position: build.position, expected_start: build.expected_start } : undefined;
  const title = say('console.builds.title', { number });
  return (
    <Page
      title={title}
      windowTitle={[title, name]}
      crumbs={[
        ...listCrumbsInImage(image, say),
        { label: say('console.images.tab.builds'), to: '/images/$name/builds', params: { name } },
      ]}
      beside={<BuildStateCell build={build} place={place} />}
      actions={<Actions image={name} build={build} />}
    >
      <Stack gap="lg">
        <BuildFacts image={name} build={build} />
        <BuildPushes image={name} build={build} />
        <Log image={name} build={build} step={step} q={q} hash={hash} />
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

interface LogProps {
  image: string;
  build: BuildDetail;
  step: number | undefined;
  q: string;
  hash: string;
}

function Log(props: LogProps) {
  const say = useWords();
  const { build } = props;
  // A build that runs writes its log any moment now, and nothing else tells of its first line.
  const readable = build.log === 'open' || build.log === 'kept' || build.state === 'running';
  if (build.may.includes('read_logs') && readable) return <OpenedLog key={build.number} {...props} />;
  return (
    <>
      <BuildFailure build={build} />
      {!build.may.includes('read_logs') ? (
        <EmptyPlace title={say('console.core.forbidden')} text={say('console.builds.log_forbidden')} />
      ) : build.log === 'expired' ? (
        <EmptyPlace title={say('console.builds.log_expired')} text={say('console.builds.log_expired_text')} />
      ) : (
        <EmptyPlace title={say('console.builds.log_none')} text={isOver(build) ? undefined : say('console.builds.log_none_text')} />
      )}
    </>
  );
}

function OpenedLog({ image, build, step, q, hash }: LogProps) {
  const say = useWords();
  const navigate = useNavigate({ from: '/images/$name/builds/$number' });
  const log = useLog(image, build);
  // What the log is looked at with is part of the address; none of it is a step back.
  const stay = { replace: true, resetScroll: false, hashScrollIntoView: false };
  return (
    <Stack gap="sm" component="section">
      <Title order={2}>{say('console.builds.log')}</Title>
      {log.index ? (
        <LogView
          image={image}
          build={build}
          log={log}
          index={log.index}
          linked={readLines(hash)}
          onLink={(lines) => navigate({ search: true, hash: writeLines(lines), ...stay })}
          step={step}
          onStep={(opened) => navigate({ search: (before) => ({ ...before, step: opened }), hash: true, ...stay })}
          wanted={q}
          onSearch={(wanted) => navigate({ search: (before) => ({ ...before, q: wanted || undefined }), hash: true, ...stay })}
        />
      ) : (
        <>
          <BuildFailure build={build} />
          {log.problem === undefined ? <TableSkeleton rows={10} /> : <ErrorState problem={log.problem} retry={log.retry} />}
        </>
      )}
    </Stack>
  );
}
