import { Button, Checkbox, Group, Stack, Text, Title } from '@mantine/core';
import { IconShieldCheck } from '@tabler/icons-react';
import { useSuspenseQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { type StorageCheck, storageCheckQuery, useStartCheck } from '@/api/administration';
import { useLiveQuery } from '@/app/events';
import '@/app/styles/forms';
import { useWords } from '@/app/words';
import { type Column, DataTable } from '@/ui/DataTable';
import { ErrorState } from '@/ui/ErrorState';
import { formatCount } from '@/ui/format/count';
import { Notice } from '@/ui/Notice';
import { StateBadge } from '@/ui/StateBadge';
import { Time } from '@/ui/Time';

type Finding = StorageCheck['findings'][number];

/** The check of rows against files: begun here, and what the last one found. */
export function StorageCheckPart() {
  const say = useWords();
  const check = useSuspenseQuery(storageCheckQuery).data;
  // How far it came, and that it is over.
  useLiveQuery('administration', storageCheckQuery.queryKey, ['storage']);
  const start = useStartCheck();
  const [reads, setReads] = useState(false);
  const running = check.state === 'running';
  return (
    <section>
      <Title order={2} mb="xs">
        {say('console.admin.check.title')}
      </Title>
      <Stack gap="md">
        <Text c="dimmed" maw={720}>
          {say('console.admin.check.about')}
        </Text>
        <Group gap="lg">
          <Button variant="default" leftSection={<IconShieldCheck size={16} aria-hidden />} loading={start.isPending || running} onClick={() => start.mutate(reads)}>
            {say('console.admin.check.start')}
          </Button>
          <Checkbox checked={reads} onChange={(event) => setReads(event.currentTarget.checked)} label={say('console.admin.check.reads')} description={say('console.admin.check.reads_hint')} />
        </Group>
        {start.error && <ErrorState problem={start.error} />}
        <CheckState check={check} />
        {check.findings.length > 0 && <Findings check={check} />}
      </Stack>
    </section>
  );
}

function CheckState({ check }: { check: StorageCheck }) {
  const say = useWords();
  const blobs = formatCount(check.blobs);
  if (check.state === 'none') return <Text>{say('console.admin.check.none')}</Text>;
  const by = (
    <span className="muted">
      {check.started_by} · <Time at={check.ended_at ?? check.started_at} />
    </span>
  );
  if (check.state === 'running') {
    return (
      <Notice tone="idle" title={say('console.admin.check.running', { blobs })}>
        {by}
      </Notice>
    );
  }
  if (check.state === 'failed') {
    return (
      <Notice tone="failed" title={say('console.admin.check.failed')}>
        {check.problem}
        {by}
      </Notice>
    );
  }
  const { damage, stray } = check;
  const title = damage > 0 ? say('console.admin.check.damaged', { count: damage }) : say('console.admin.check.sound', { blobs });
  return (
    <Notice tone={damage > 0 ? 'failed' : 'success'} title={title}>
      {damage > 0 && say('console.admin.check.damaged_hint')}
      {stray > 0 && say('console.admin.check.stray', { count: stray })}
      {by}
    </Notice>
  );
}

function Findings({ check }: { check: StorageCheck }) {
  const say = useWords();
  const columns: Column<Finding & { at: number }>[] = [
    { key: 'what', title: say('console.admin.check.finding'), grows: true, cell: (finding) => <span style={{ overflowWrap: 'anywhere', whiteSpace: 'normal' }}>{finding.message}</span> },
    {
      key: 'kind',
      title: say('console.core.type'),
      cell: (finding) => (finding.damage ? <StateBadge state="attention" /> : <span className="muted">{say('console.admin.check.only_room')}</span>),
    },
  ];
  const rows = check.findings.map((finding, at) => ({ ...finding, at }));
  return <DataTable label={say('console.admin.check.findings')} columns={columns} rows={rows} keyOf={(finding) => String(finding.at)} />;
}
