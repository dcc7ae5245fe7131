import { Button } from '@mantine/core';
import { IconAlertOctagonFilled, IconAlertTriangleFilled, IconCircleCheckFilled, IconHelpCircle, IconRefresh, type TablerIcon } from '@tabler/icons-react';
import { useSuspenseQuery } from '@tanstack/react-query';
import { type HealthOfPart, type HealthWord, healthQuery } from '@/api/administration';
import { useWords, type WordKey } from '@/app/words';
import { announce } from '@/ui/announce';
import { ErrorState } from '@/ui/ErrorState';
import { AdminFrame } from './AdminFrame';
import classes from './admin.module.css';

const words: Record<HealthWord, [TablerIcon, string, WordKey]> = {
  ok: [IconCircleCheckFilled, 'success', 'console.admin.health.ok'],
  warning: [IconAlertTriangleFilled, 'warning', 'console.admin.health.warning'],
  failed: [IconAlertOctagonFilled, 'failed', 'console.admin.health.failed'],
  unknown: [IconHelpCircle, 'idle', 'console.admin.health.unknown'],
};

const parts: Record<string, WordKey> = {
  database: 'console.admin.health.database',
  clock: 'console.admin.health.clock',
  deliveries: 'console.admin.health.deliveries',
  store: 'console.admin.health.store',
  disk: 'console.admin.health.disk',
  builds: 'console.admin.health.builds',
  dns: 'console.admin.health.dns',
  connection: 'console.admin.health.connection',
};

/** What stands worst is read first. */
const order: HealthWord[] = ['failed', 'warning', 'unknown', 'ok'];

/** 健康: what the server stands on, and what to do where it does not stand well. */
export function HealthPage() {
  const say = useWords();
  const health = useSuspenseQuery(healthQuery);
  const { state, version, checks } = health.data;
  const sorted = checks.toSorted((one, other) => order.indexOf(one.state) - order.indexOf(other.state));
  const again = async () => {
    await health.refetch();
    announce(say('console.admin.health.looked'));
  };
  return (
    <AdminFrame
      tab={say('console.admin.tab.health')}
      actions={
        <Button leftSection={<IconRefresh size={16} aria-hidden />} loading={health.isFetching} onClick={again}>
          {say('console.admin.health.again')}
        </Button>
      }
    >
      {health.error && <ErrorState problem={health.error} />}
      <p className={classes.whole}>
        <Standing state={state} />
        <span className="muted">wharf {version}</span>
      </p>
      <ul className={classes.checks} aria-label={say('console.admin.tab.health')}>
        {sorted.map((check) => (
          <Check key={check.name} check={check} />
        ))}
      </ul>
    </AdminFrame>
  );
}

function Standing({ state }: { state: HealthWord }) {
  const say = useWords();
  const [Icon, tone, word] = words[state];
  return (
    <span className={classes.standing} style={{ color: `var(--w-${tone})` }}>
      <Icon size={18} aria-hidden />
      {say(word)}
    </span>
  );
}

function Check({ check: { name, state, message, hint } }: { check: HealthOfPart }) {
  const say = useWords();
  const part = parts[name];
  return (
    <li className={classes.check}>
      <div className={classes.part}>{part ? say(part) : name}</div>
      <Standing state={state} />
      <div className={classes.told}>
        <div>{message}</div>
        {hint && <div className="muted">{hint}</div>}
      </div>
    </li>
  );
}
