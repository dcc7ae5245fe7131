import { useQuery, useSuspenseInfiniteQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type Build, type BuildFilter, buildKeys, buildsQuery, queueQuery } from '@/api/builds';
import { joinPages } from '@/api/page';
import { useArrivals } from '@/app/arrivals';
import { useLiveQuery } from '@/app/events';
import { useWords } from '@/app/words';
import { type Column, DataTable } from '@/ui/DataTable';
import { Commit } from '@/ui/Digest';
import { EmptyPlace } from '@/ui/EmptyPlace';
import { ButtonLink, TextLink } from '@/ui/links';
import { LivePill } from '@/ui/LivePill';
import { MiddleCut } from '@/ui/MiddleCut';
import { Reason } from '@/ui/Reason';
import { Time } from '@/ui/Time';
import { BuildActions } from './BuildActions';
import { BuildDuration } from './BuildDuration';
import { BuildStateCell } from './BuildStateCell';
import { readRef } from './buildState';

/** The records of an image's builds, newest first. */
export function BuildRecords({ image, filter }: { image: string; filter: BuildFilter }) {
  const say = useWords();
  const navigate = useNavigate();
  const query = buildsQuery(image, filter);
  const list = useSuspenseInfiniteQuery(query);
  const arrived = useArrivals({
    topic: `builds:${image}`,
    query,
    keyOf: (build) => String(build.number),
    isAbout: (event, build) => event.number === build.number,
    // The bars of rules, and each build's own page.
    beside: [buildKeys.all(image)],
  });
  const builds = joinPages(list.data);
  const waiting = builds.some((build) => build.state === 'queued');
  const queue = useQuery({ ...queueQuery(), enabled: waiting });
  useLiveQuery(waiting ? 'queue' : undefined, queueQuery().queryKey);
  if (builds.length === 0) {
    const filtered = Object.values(filter).some(Boolean);
    return filtered ? (
      <EmptyPlace title={say('console.core.nothing_matches')}>
        <ButtonLink to="/images/$name/builds" params={{ name: image }} search={{}} variant="default">
          {say('console.core.clear_filters')}
        </ButtonLink>
      </EmptyPlace>
    ) : (
      <EmptyPlace title={say('console.builds.empty')} text={say('console.builds.empty_text')} />
    );
  }
  const place = (build: Build) =>
    queue.data?.waiting.find(({ build: other }) => other?.number === build.number && other.repository === image);
  const columns: Column<Build>[] = [
    { key: 'started', title: say('console.builds.started'), cell: (build) => <Time at={build.started_at ?? build.created_at} mode="record" /> },
    {
      key: 'log',
      title: say('console.builds.log'),
      cell: (build) => (
        <TextLink to="/images/$name/builds/$number" params={{ name: image, number: String(build.number) }} aria-label={say('console.builds.title', { number: build.number })}>
          #{build.number}
        </TextLink>
      ),
    },
    { key: 'commit', title: say('console.builds.commit'), cut: true, cell: (build) => <FromCommit build={build} /> },
    { key: 'versions', title: say('console.builds.versions'), grows: true, cell: (build) => <Versions image={image} build={build} /> },
    {
      key: 'source',
      title: say('console.builds.source_title'),
      from: 1000,
      cell: (build) => say(build.source === 'code' ? 'console.builds.source.code' : 'console.builds.source.dockerfile'),
    },
    { key: 'duration', title: say('console.builds.duration'), numeric: true, cell: (build) => <BuildDuration build={build} /> },
    {
      key: 'state',
      title: say('console.builds.state'),
      cell: (build) => (
        <>
          <BuildStateCell build={build} place={place(build)} />
          <Reason>{build.failure?.message}</Reason>
        </>
      ),
    },
  ];
  return (
    <>
      <LivePill count={arrived.count} text={say('console.builds.arrived', { count: arrived.count })} action={say('console.core.show')} onShow={arrived.show} />
      <DataTable
        label={say('console.builds.records')}
        columns={columns}
        rows={builds}
        keyOf={(build) => String(build.number)}
        actions={(build) => (
          <BuildActions
            image={image}
            build={build}
            onStarted={(number) => navigate({ to: '/images/$name/builds/$number', params: { name: image, number: String(number) } })}
          />
        )}
        more={list}
      />
    </>
  );
}

function FromCommit({ build }: { build: Build }) {
  const from = readRef(build.ref);
  if (!build.commit && !from) return <span className="muted">–</span>;
  return (
    <span title={build.message} style={{ display: 'inline-flex', gap: 4, alignItems: 'baseline', maxWidth: '100%' }}>
      {build.commit && <Commit value={build.commit} />}
      {from && (
        <span className="muted" style={{ display: 'inline-flex', minWidth: 0 }}>
          <MiddleCut text={from.name} />
        </span>
      )}
    </span>
  );
}

/** Versions that are there are links; those that failed to come to be are not. */
function Versions({ image, build }: { image: string; build: Build }) {
  if (build.tags.length === 0) return <span className="muted">–</span>;
  const [first = '', ...others] = build.tags;
  const rest = others.length > 0 && <span className="muted" title={others.join('\n')}>{` +${others.length}`}</span>;
  return (
    <span style={{ display: 'inline-flex', gap: 4, maxWidth: '100%' }}>
      {build.state === 'succeeded' ? (
        <TextLink to="/images/$name/versions/$tag" params={{ name: image, tag: first }} style={{ display: 'inline-flex', minWidth: 0 }}>
          <MiddleCut text={first} />
        </TextLink>
      ) : (
        <span className="muted" style={{ display: 'inline-flex', minWidth: 0 }}>
          <MiddleCut text={first} />
        </span>
      )}
      {rest}
    </span>
  );
}
