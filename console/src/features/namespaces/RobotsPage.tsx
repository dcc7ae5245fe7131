import { Button, Code, Group } from '@mantine/core';
import '@mantine/core/styles/Code.layer.css';
import { IconPlus } from '@tabler/icons-react';
import { useSuspenseInfiniteQuery, useSuspenseQuery } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { namespaceQuery } from '@/api/namespaces';
import { joinPages } from '@/api/page';
import { type Robot, robotQuery, robotsQuery } from '@/api/robots';
import { useLiveQuery } from '@/app/events';
import { type FormSearch, noForm, useOverList } from '@/app/overList';
import { type Say, useWords } from '@/app/words';
import { sayAction } from '@/features/account/actions';
import { ByAddress } from '@/ui/ByAddress';
import { Copy } from '@/ui/Copy';
import { type Column, DataTable } from '@/ui/DataTable';
import { EmptyPlace } from '@/ui/EmptyPlace';
import { MiddleCut } from '@/ui/MiddleCut';
import { NameCell } from '@/ui/NameCell';
import { useNow } from '@/ui/now';
import { StateBadge } from '@/ui/StateBadge';
import { Time } from '@/ui/Time';
import { NamespaceFrame } from './NamespaceFrame';
import classes from './namespaces.module.css';
import { RobotActions } from './RobotActions';

const RobotForm = lazy(() => import('./RobotForm'));

/** The tab 机器人账号: what signs in for pipelines and clusters. */
export function RobotsPage({ namespace, search }: { namespace: string; search: FormSearch }) {
  const say = useWords();
  const form = useOverList<FormSearch>(noForm);
  const { may } = useSuspenseQuery(namespaceQuery(namespace)).data;
  const robots = useSuspenseInfiniteQuery(robotsQuery(namespace));
  const rows = joinPages(robots.data);
  useLiveQuery(`namespace:${namespace}`, robotsQuery(namespace).queryKey, ['robot.']);
  const manages = may.includes('manage_robots');
  const tab = say('console.namespaces.tab.robots');
  const create = manages && (
    <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => form.open({ add: true })}>
      {say('console.namespaces.create_robot')}
    </Button>
  );
  return (
    <NamespaceFrame namespace={namespace} tab={tab} actions={rows.length > 0 && create}>
      {rows.length === 0 ? (
        <EmptyPlace title={say('console.namespaces.no_robots')} text={say('console.namespaces.about_robots')}>
          {create}
        </EmptyPlace>
      ) : (
        <DataTable
          label={tab}
          columns={listColumns(say)}
          rows={rows}
          keyOf={(robot) => robot.id}
          more={robots}
          actions={manages ? (robot) => <RobotActions namespace={namespace} robot={robot} onEdit={() => form.open({ edit: robot.name })} /> : undefined}
        />
      )}
      <Suspense fallback={null}>
        {manages && search.add && <RobotForm namespace={namespace} onClose={form.close} />}
        {manages && search.edit !== undefined && (
          <ByAddress known={rows.find(({ name }) => name === search.edit)} query={robotQuery(namespace, search.edit)} onClose={form.close}>
            {(robot) => <RobotForm namespace={namespace} robot={robot} onClose={form.close} />}
          </ByAddress>
        )}
      </Suspense>
    </NamespaceFrame>
  );
}

const listColumns = (say: Say): Column<Robot>[] => [
  {
    key: 'name',
    title: say('console.core.name'),
    grows: true,
    cell: (robot) => (
      <NameCell description={robot.description}>
        <MiddleCut text={robot.name} />
      </NameCell>
    ),
  },
  {
    key: 'login',
    title: say('console.namespaces.robot_login'),
    cell: (robot) => (
      <Group gap={4} wrap="nowrap">
        <span className={`mono ${classes.login}`}>
          <MiddleCut text={robot.login} />
        </span>
        <Copy value={robot.login} label={say('console.namespaces.robot_login_of', { name: robot.name })} />
      </Group>
    ),
  },
  {
    key: 'actions',
    title: say('console.namespaces.robot_actions'),
    cell: (robot) => (
      <div className={classes.actions}>
        {robot.actions.map((action) => (
          <Code key={action}>{sayAction(action, say)}</Code>
        ))}
      </div>
    ),
  },
  { key: 'state', title: say('console.namespaces.robot_state'), cell: (robot) => <RobotState robot={robot} /> },
  { key: 'expires', title: say('console.namespaces.robot_expires'), cell: (robot) => <Expiry at={robot.expires_at} /> },
  { key: 'used', title: say('console.namespaces.robot_used'), from: 1200, cell: (robot) => <Time at={robot.last_used_at} /> },
  { key: 'by', title: say('console.namespaces.robot_created_by'), from: 1400, cell: (robot) => robot.created_by },
];

function RobotState({ robot }: { robot: Robot }) {
  return <StateBadge state={robot.disabled ? 'disabled' : 'enabled'} />;
}

function Expiry({ at }: { at: string | null | undefined }) {
  const say = useWords();
  const now = useNow();
  if (!at) return say('console.account.never');
  if (new Date(at).getTime() <= now) return <StateBadge state="expired" />;
  return <Time at={at} mode="record" />;
}
