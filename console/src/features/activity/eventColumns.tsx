import type { Activity, ActivityKind } from '@/api/activity';
import type { Say } from '@/app/words';
import { showDelivery } from '@/features/triggers/state';
import type { Column } from '@/ui/DataTable';
import { Commit } from '@/ui/Digest';
import { cutDigest } from '@/ui/format/cut';
import { TextLink } from '@/ui/links';
import { MiddleCut } from '@/ui/MiddleCut';
import { type ShownState, showState, StateBadge } from '@/ui/StateBadge';
import { Time } from '@/ui/Time';
import classes from './activity.module.css';

/** The columns of the events. */
export const listEventColumns = (say: Say, sayKind: (kind: ActivityKind) => string): Column<Activity>[] => [
  { key: 'time', title: say('console.core.time'), cell: (row) => <Time at={row.at} mode="record" /> },
  { key: 'action', title: say('console.activity.action'), cell: (row) => <Action row={row} words={sayKind(row.kind)} /> },
  {
    key: 'object',
    title: say('console.activity.object'),
    grows: true,
    cell: (row) => (
      <TextLink to="/images/$name" params={{ name: row.repository }} style={{ display: 'flex', minWidth: 0 }}>
        <MiddleCut text={row.repository} />
      </TextLink>
    ),
  },
  { key: 'details', title: say('console.activity.details'), cut: true, cell: (row) => <Details row={row} /> },
  { key: 'actor', title: say('console.activity.actor'), cut: true, from: 1000, cell: (row) => <Actor row={row} say={say} /> },
];

/** What happened; of builds and deliveries their state says it. */
function Action({ row, words }: { row: Activity; words: string }) {
  const state = stateOf(row);
  return <span title={row.message ?? undefined}>{state ? <StateBadge state={state} /> : words}</span>;
}

function stateOf(row: Activity): ShownState | undefined {
  if (row.delivery) {
    const { action, state } = row.delivery;
    // The list knows neither attempts nor whether a rollout has begun: its words are the plain ones.
    return showDelivery({ state, kind: action, attempt_count: 0, patched_at: null, reason: row.reason });
  }
  return row.build ? showState(row.kind.replace('build_', '')) : undefined;
}

/** Where it leads: to the version, the log or the delivery. */
function Details({ row }: { row: Activity }) {
  const name = row.repository;
  const [tag] = row.tags;
  if (row.delivery) {
    return (
      <span className={classes.details} title={row.delivery.target}>
        <TextLink to="/images/$name/triggers/deliveries/$delivery" params={{ name, delivery: row.id }} className={classes.cut}>
          <MiddleCut text={tag ? `${row.delivery.trigger} · ${tag}` : row.delivery.trigger} />
        </TextLink>
      </span>
    );
  }
  if (row.build) {
    const from = row.build.ref?.replace(/^refs\/(heads|tags)\//, '');
    return (
      <span className={classes.details}>
        <TextLink to="/images/$name/builds/$number" params={{ name, number: String(row.build.number) }}>
          #{row.build.number}
        </TextLink>
        {row.build.commit && <Commit value={row.build.commit} />}
        {from && (
          <span className={`muted ${classes.cut}`}>
            <MiddleCut text={from} />
          </span>
        )}
      </span>
    );
  }
  if (!tag) return <span className="muted">–</span>;
  return (
    <span className={classes.details}>
      {row.kind === 'tag_deleted' ? (
        <span className={classes.cut}>
          <MiddleCut text={tag} />
        </span>
      ) : (
        <TextLink to="/images/$name/versions/$tag" params={{ name, tag }} className={classes.cut}>
          <MiddleCut text={tag} />
        </TextLink>
      )}
      {row.digest && (
        <span className={`mono muted nowrap ${classes.digest}`} title={row.digest}>
          {cutDigest(row.digest)}
        </span>
      )}
    </span>
  );
}

/** A person, a robot, or a build. */
function Actor({ row, say }: { row: Activity; say: Say }) {
  const build = /^build:(\d+)$/.exec(row.actor)?.[1];
  if (!build) return <MiddleCut text={row.actor} />;
  return (
    <TextLink to="/images/$name/builds/$number" params={{ name: row.repository, number: build }}>
      {say('console.activity.of_build', { number: build })}
    </TextLink>
  );
}
