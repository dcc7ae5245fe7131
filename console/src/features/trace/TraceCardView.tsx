import { IconBolt, IconBox, IconGitCommit, IconHammer, IconServer, IconTag, type TablerIcon } from '@tabler/icons-react';
import { TextLink } from '@/ui/links';
import { MiddleCut } from '@/ui/MiddleCut';
import { StateBadge } from '@/ui/StateBadge';
import { Time } from '@/ui/Time';
import type { Stage, TraceCard } from './columns';
import classes from './trace.module.css';

export const stageIcons: Record<Stage, TablerIcon> = {
  commit: IconGitCommit,
  build: IconHammer,
  digest: IconBox,
  versions: IconTag,
  triggers: IconBolt,
  rollout: IconServer,
};

/** One station: what it is called, how it stands, when. */
export function TraceCardView({ card }: { card: TraceCard }) {
  return (
    <>
      <div className={classes.title} title={card.whole ?? card.title}>
        {card.link ? (
          <TextLink {...card.link} className={classes.link}>
            <MiddleCut text={card.title} />
          </TextLink>
        ) : (
          <MiddleCut text={card.title} />
        )}
      </div>
      {card.detail && (
        <div className={classes.detail} title={card.detail}>
          {card.detail}
        </div>
      )}
      {(card.state ?? card.count) && (
        <div className={classes.state}>
          {card.state && <StateBadge state={card.state} />}
          {card.count && <span className={classes.count}>{card.count}</span>}
        </div>
      )}
      {card.at && (
        <div className={classes.detail}>
          <Time at={card.at} />
        </div>
      )}
    </>
  );
}
