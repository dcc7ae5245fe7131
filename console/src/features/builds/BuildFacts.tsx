import type { ReactNode } from 'react';
import type { BuildDetail } from '@/api/builds';
import { useWords, type WordKey } from '@/app/words';
import { Copy } from '@/ui/Copy';
import { Commit, Digest } from '@/ui/Digest';
import { TextLink } from '@/ui/links';
import { Time } from '@/ui/Time';
import { BuildDuration } from './BuildDuration';
import classes from './BuildFacts.module.css';
import { readRef } from './buildState';

/** Where a build comes from and what came out of it, in one block that stays short. */
export function BuildFacts({ image, build }: { image: string; build: BuildDetail }) {
  const say = useWords();
  const from = readRef(build.ref);
  const cause = causes[build.cause];
  return (
    <dl className={classes.root}>
      <Fact title={say('console.builds.duration')}>
        <BuildDuration build={build} />
      </Fact>
      <Fact title={say('console.builds.started')}>
        <Time at={build.started_at ?? build.created_at} mode="record" />
      </Fact>
      {(build.commit || from) && (
        <Fact title={say('console.builds.commit')}>
          {build.commit && (
            <>
              <Commit value={build.commit} />
              <Copy value={build.commit} label={say('console.builds.commit')} />
            </>
          )}
          {from && <span>{from.name}</span>}
          {build.message && <span className="muted">{build.message.split('\n')[0]}</span>}
        </Fact>
      )}
      <Fact title={say('console.builds.versions')}>
        {build.tags.length === 0 && <span className="muted">–</span>}
        {build.tags.map((tag) =>
          build.state === 'succeeded' ? (
            <TextLink key={tag} to="/images/$name/versions/$tag" params={{ name: image, tag }}>
              {tag}
            </TextLink>
          ) : (
            <span key={tag}>{tag}</span>
          ),
        )}
      </Fact>
      {build.digest && (
        <Fact title={say('console.core.digest')}>
          <Digest value={build.digest} />
        </Fact>
      )}
      <Fact title={say('console.builds.source_title')}>
        {say(build.source === 'code' ? 'console.builds.source.code' : 'console.builds.source.dockerfile')}
        <span className="muted">{cause && say(cause, { who: build.started_by })}</span>
      </Fact>
      {build.rule && <Fact title={say('console.builds.rule')}>{build.rule}</Fact>}
      {build.trust === 'loose' && build.source === 'code' && <Fact title={say('console.builds.trust_title')}>{say('console.builds.trust.loose')}</Fact>}
    </dl>
  );
}

const causes: Record<string, WordKey | undefined> = {
  push: 'console.builds.cause.push',
  poll: 'console.builds.cause.poll',
  manual: 'console.builds.cause.manual',
  trigger_url: 'console.builds.cause.trigger_url',
  link: 'console.builds.cause.link',
  retry: 'console.builds.cause.retry',
};

function Fact({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className={classes.fact}>
      <dt>{title}</dt>
      <dd>{children}</dd>
    </div>
  );
}
