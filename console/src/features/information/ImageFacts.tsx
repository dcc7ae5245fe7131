import { useQuery } from '@tanstack/react-query';
import type { Repository } from '@/api/repositories';
import { repositoryStatsQuery } from '@/api/stats';
import { useLanguage, useWords } from '@/app/words';
import { Fact, Facts } from '@/ui/Facts';
import { formatCompact, formatCount } from '@/ui/format/count';
import { formatSize } from '@/ui/format/size';
import { Size } from '@/ui/Size';
import { Sparkline } from '@/ui/Sparkline';
import { Time } from '@/ui/Time';
import classes from './information.module.css';

/** What is known of an image, in the order that people look for it. */
export function ImageFacts({ image, signedIn }: { image: Repository; signedIn: boolean }) {
  const say = useWords();
  const language = useLanguage();
  return (
    <Facts>
      <Fact label={say('console.core.type')}>{say(image.public ? 'console.core.public' : 'console.core.private')}</Fact>
      <Fact label={say('console.core.created')}>
        <Time at={image.created_at} mode="record" />
      </Fact>
      <Fact label={say('console.core.size')}>
        <span className={classes.size}>
          <Size bytes={image.size_bytes} />
          {/* What an image stored over time is told to whoever is signed in. */}
          {signedIn && <SizeOverTime name={image.name} />}
        </span>
      </Fact>
      <Fact label={say('console.images.versions')}>{formatCount(image.tag_count)}</Fact>
      <Fact label={say('console.images.last_push')}>
        <Time at={image.last_push_at} />
      </Fact>
      <Fact label={say('console.core.pulls')}>{formatCompact(image.pull_count, language)}</Fact>
    </Facts>
  );
}

/** A line of the last 14 days; left out while there is nothing to draw. */
function SizeOverTime({ name }: { name: string }) {
  const say = useWords();
  const { data } = useQuery(repositoryStatsQuery(name, '14d'));
  const sizes = data?.storage.map((point) => point.bytes ?? null) ?? [];
  const known = sizes.filter((size) => size !== null);
  const [first] = known;
  const last = known.at(-1);
  if (first === undefined || last === undefined) return null;
  return <Sparkline values={sizes} summary={say('console.information.size_over_time', { from: formatSize(first), to: formatSize(last) })} />;
}
