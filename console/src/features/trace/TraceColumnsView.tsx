import { Button } from '@mantine/core';
import { useLayoutEffect, useRef, useState } from 'react';
import { useWords } from '@/app/words';
import { type Arrow, drawArrow, type Box } from './arrows';
import { stages, type Stage, type TraceCard, type TraceColumns } from './columns';
import { stageIcons, TraceCardView } from './TraceCardView';
import { stageWords } from './stageWords';
import classes from './trace.module.css';

/** Cards of a column before somebody asks for all: more push the picture out of the window. */
const SHOWN = 5;

/** Six lists beside each other; the arrows are drawn behind them, for eyes alone: each card says in words what it comes from. */
export function TraceColumnsView({ columns }: { columns: TraceColumns }) {
  const [all, setAll] = useState<ReadonlySet<Stage>>(new Set());
  const shown = Object.fromEntries(stages.map((stage) => [stage, all.has(stage) ? columns[stage] : columns[stage].slice(0, SHOWN)])) as TraceColumns;
  const { root, arrows, size } = useArrows(shown);
  return (
    <div className={classes.scroll} tabIndex={0} role="group">
      <div ref={root} className={classes.columns}>
        <svg aria-hidden className={classes.arrows} width={size.width} height={size.height} viewBox={`0 0 ${size.width} ${size.height}`}>
          {arrows.map((arrow) => (
            <g key={arrow.key}>
              <path d={arrow.line} className={classes.line} />
              <path d={arrow.head} className={classes.arrowHead} />
            </g>
          ))}
        </svg>
        {stages.map((stage) => (
          <Column
            key={stage}
            stage={stage}
            cards={shown[stage]}
            hidden={columns[stage].length - shown[stage].length}
            onAll={() => setAll(new Set([...all, stage]))}
          />
        ))}
      </div>
    </div>
  );
}

interface ColumnProps {
  stage: Stage;
  cards: TraceCard[];
  hidden: number;
  onAll: () => void;
}

function Column({ stage, cards, hidden, onAll }: ColumnProps) {
  const say = useWords();
  const Icon = stageIcons[stage];
  const id = `trace-${stage}`;
  return (
    <div className={classes.column}>
      <h2 id={id} className={classes.columnHead}>
        <Icon size={16} aria-hidden />
        {say(stageWords[stage])}
      </h2>
      {cards.length === 0 ? (
        <p className={classes.none}>{say('console.trace.none')}</p>
      ) : (
        <ul aria-labelledby={id} className={classes.list}>
          {cards.map((card) => (
            <li key={card.id} data-card={card.id} className={classes.card}>
              <TraceCardView card={card} />
            </li>
          ))}
        </ul>
      )}
      {hidden > 0 && (
        <Button variant="subtle" size="compact-sm" aria-label={say('console.trace.more', { count: hidden })} onClick={onAll}>
          +{hidden}
        </Button>
      )}
    </div>
  );
}

/** Where the arrows go: measured after each drawing, and when a size changes. */
function useArrows(columns: TraceColumns) {
  const root = useRef<HTMLDivElement>(null);
  const [drawn, setDrawn] = useState<{ arrows: Arrow[]; size: { width: number; height: number } }>({ arrows: [], size: { width: 0, height: 0 } });
  const wanted = JSON.stringify(stages.flatMap((stage) => columns[stage].map((card) => [card.id, card.from])));
  useLayoutEffect(() => {
    const element = root.current;
    if (!element) return;
    const measure = () => {
      const around = element.getBoundingClientRect();
      const boxes = new Map<string, Box>();
      for (const card of element.querySelectorAll<HTMLElement>('[data-card]')) {
        const { left, right, top, height } = card.getBoundingClientRect();
        boxes.set(card.dataset.card ?? '', { left: left - around.left, right: right - around.left, middle: top - around.top + height / 2 });
      }
      const arrows = (JSON.parse(wanted) as [string, string[]][]).flatMap(([id, froms]) =>
        froms.flatMap((from) => {
          const [start, end] = [boxes.get(from), boxes.get(id)];
          return start && end ? [drawArrow(`${from} ${id}`, start, end)] : [];
        }),
      );
      setDrawn({ arrows, size: { width: element.scrollWidth, height: element.scrollHeight } });
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [wanted]);
  return { root, ...drawn };
}
