import { Button, Timeline } from '@mantine/core';
import '@/app/styles/facts';
import { useState } from 'react';
import { useWords } from '@/app/words';
import { stages, type Stage, type TraceColumns } from './columns';
import { stageWords } from './stageWords';
import { stageIcons, TraceCardView } from './TraceCardView';
import classes from './trace.module.css';

const SHOWN = 5;

/** The same way from top to bottom, where there is no room for columns. */
export function TraceTimeline({ columns }: { columns: TraceColumns }) {
  const say = useWords();
  const [all, setAll] = useState<ReadonlySet<Stage>>(new Set());
  const there = stages.filter((stage) => columns[stage].length > 0);
  return (
    <Timeline active={there.length - 1} bulletSize={28} lineWidth={2}>
      {there.map((stage) => {
        const Icon = stageIcons[stage];
        const cards = all.has(stage) ? columns[stage] : columns[stage].slice(0, SHOWN);
        const hidden = columns[stage].length - cards.length;
        return (
          <Timeline.Item key={stage} bullet={<Icon size={16} aria-hidden />} title={<h2 className={classes.columnHead}>{say(stageWords[stage])}</h2>}>
            <ul className={classes.list} aria-label={say(stageWords[stage])}>
              {cards.map((card) => (
                <li key={card.id} className={classes.card}>
                  <TraceCardView card={card} />
                </li>
              ))}
            </ul>
            {hidden > 0 && (
              <Button variant="subtle" onClick={() => setAll(new Set([...all, stage]))} aria-label={say('console.trace.more', { count: hidden })}>
                +{hidden}
              </Button>
            )}
          </Timeline.Item>
        );
      })}
    </Timeline>
  );
}
