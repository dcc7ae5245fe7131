import { Code, Tabs, Title } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import type { Attempt } from '@/api/deliveries';
import { useLanguage, useWords } from '@/app/words';
import { Copy } from '@/ui/Copy';
import { formatDuration } from '@/ui/format/duration';
import { Time } from '@/ui/Time';
import '@mantine/core/styles/Tabs.layer.css';
import '@/app/styles/facts';
import { indentBody } from './body';
import type { DeliverySearch } from './search';
import classes from './triggers.module.css';

interface AttemptsProps {
  /** The newest first. */
  attempts: Attempt[];
  /** When it is tried again. */
  next: string | null;
}

/** Each attempt: what was sent, what was heard, how long it took. The newest is open. */
export function Attempts({ attempts, next }: AttemptsProps) {
  const say = useWords();
  const navigate = useNavigate({ from: '/images/$name/triggers/deliveries/$delivery' });
  const search: DeliverySearch = useSearch({ from: '/_shell/images/$name/triggers/deliveries/$delivery' });
  const named = search.attempt ?? attempts[0]?.number;
  const show = (part: DeliverySearch) => void navigate({ search: part, replace: true, resetScroll: false });
  return (
    <section aria-labelledby="attempts">
      <Title order={2} id="attempts" mb="sm">
        {say('console.triggers.attempts')}
      </Title>
      {next && (
        <p className="muted" style={{ margin: '0 0 12px' }}>
          {say('console.triggers.next_attempt')} <Time at={next} mode="record" />
        </p>
      )}
      {attempts.length === 0 && <p className="muted">{say('console.triggers.no_attempts')}</p>}
      <ol className={classes.attempts} reversed>
        {attempts.map((attempt) => (
          <li key={attempt.number} className={classes.card}>
            <AttemptView
              attempt={attempt}
              opened={attempt.number === named}
              first={attempt.number === named ? (search.side ?? 'request') : 'request'}
              onShow={(side) => show({ attempt: attempt.number, side })}
              onClose={() => attempt.number === named && show({ attempt: 0 })}
            />
          </li>
        ))}
      </ol>
    </section>
  );
}

interface AttemptViewProps {
  attempt: Attempt;
  /** Whether the address names it; others that were opened stay so beside it. */
  opened: boolean;
  /** What it begins with. */
  first: 'request' | 'response';
  onShow: (side: 'response' | undefined) => void;
  onClose: () => void;
}

function AttemptView({ attempt, opened: named, first, onShow, onClose }: AttemptViewProps) {
  const say = useWords();
  const language = useLanguage();
  const [opened, setOpened] = useState(named);
  const [side, setSide] = useState<string | null>(first);
  const took = new Date(attempt.ended_at).getTime() - new Date(attempt.started_at).getTime();
  return (
    <details
      open={opened}
      onToggle={(event) => {
        const { open } = event.currentTarget;
        // Being drawn open is told as well.
        if (open === opened) return;
        setOpened(open);
        if (open) onShow(side === 'response' ? side : undefined);
        else onClose();
      }}
    >
      <summary className={classes.attempt}>
        <strong className="nowrap">{say('console.triggers.attempt', { number: attempt.number })}</strong>
        {attempt.status !== null && <span className="mono">{attempt.status}</span>}
        <span>{attempt.message ?? say('console.triggers.attempt_ok')}</span>
        <span className={`muted nowrap ${classes.attemptTime}`}>
          <Time at={attempt.started_at} mode="record" /> · {formatDuration(took, language)}
        </span>
      </summary>
      {attempt.detail && <code className={classes.said}>{attempt.detail}</code>}
      <p className="muted" style={{ margin: '8px 0' }}>
        {say('console.triggers.timings', {
          waited: formatDuration(attempt.waited_micros / 1000, language),
          read: formatDuration(attempt.read_micros / 1000, language),
        })}
      </p>
      {opened && (
        <Tabs
          value={side}
          onChange={(next) => {
            setSide(next);
            onShow(next === 'response' ? next : undefined);
          }}
          keepMounted={false}
        >
          <Tabs.List>
            <Tabs.Tab value="request">{say('console.triggers.request')}</Tabs.Tab>
            <Tabs.Tab value="response">{say('console.triggers.response')}</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="request" pt="md">
            {attempt.request ? (
              <Exchange line={`${attempt.request.method} ${attempt.request.url}`} headers={attempt.request.headers} body={attempt.request.body} label={say('console.triggers.request')} />
            ) : (
              <p className="muted">{say('console.triggers.nothing_sent')}</p>
            )}
          </Tabs.Panel>
          <Tabs.Panel value="response" pt="md">
            {attempt.response ? (
              <Exchange
                line={attempt.response.status === null ? '' : String(attempt.response.status)}
                headers={attempt.response.headers}
                body={attempt.response.body}
                label={say('console.triggers.response')}
                note={attempt.response.truncated ? say('console.triggers.truncated') : undefined}
              />
            ) : (
              <p className="muted">{say('console.triggers.nothing_heard')}</p>
            )}
          </Tabs.Panel>
        </Tabs>
      )}
    </details>
  );
}

interface ExchangeProps {
  line: string;
  headers: { name: string; value: string }[];
  body: string;
  label: string;
  note?: ReactNode;
}

/** One side of it. Text from elsewhere stays text. */
function Exchange({ line, headers, body, label, note }: ExchangeProps) {
  const say = useWords();
  const shown = indentBody(body);
  return (
    <>
      {line && <code className={classes.said}>{line}</code>}
      {headers.length > 0 && (
        <dl className={classes.headers} aria-label={say('console.triggers.headers_of', { what: label })}>
          {headers.map(({ name, value }, index) => (
            <div key={`${name} ${index}`}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      )}
      {body && (
        <div className={classes.body}>
          <Code block tabIndex={0} role="group" aria-label={say('console.triggers.body_of', { what: label })} className={classes.bodyText}>
            {shown}
          </Code>
          <span className={classes.bodyCopy}>
            <Copy value={body} label={say('console.triggers.body_of', { what: label })} />
          </span>
        </div>
      )}
      {note && <p className="muted">{note}</p>}
    </>
  );
}
