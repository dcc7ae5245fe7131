import { Progress, Stack, Title } from '@mantine/core';
import { useSuspenseInfiniteQuery, useSuspenseQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type NamespaceUsage, namespaceUsageQuery, type Storage, storageQuery } from '@/api/administration';
import { joinPages } from '@/api/page';
import { serverStatsQuery } from '@/api/stats';
import '@/app/styles/facts';
import { type Say, useWords } from '@/app/words';
import type { RangeSearch } from '@/features/stats/search';
import { StatsCharts } from '@/features/stats/StatsCharts';
import { type Column, DataTable } from '@/ui/DataTable';
import { Fact, Facts } from '@/ui/Facts';
import { formatCount } from '@/ui/format/count';
import { formatSize } from '@/ui/format/size';
import { Size } from '@/ui/Size';
import { Time } from '@/ui/Time';
import { AdminFrame } from './AdminFrame';
import classes from './admin.module.css';
import { StorageCheckPart } from './StorageCheckPart';
import { Tiles } from './Tiles';

/** 存储: what is kept and where, how it grew, who holds how much, and whether the files are what the rows say. */
export function StoragePage({ search }: { search: RangeSearch }) {
  const say = useWords();
  const navigate = useNavigate({ from: '/admin/storage' });
  const range = search.range ?? '14d';
  const storage = useSuspenseQuery(storageQuery).data;
  const stats = useSuspenseQuery(serverStatsQuery(range)).data;
  const usage = useSuspenseInfiniteQuery(namespaceUsageQuery());
  return (
    <AdminFrame tab={say('console.admin.tab.storage')}>
      <Stack gap="xl">
        <Kept storage={storage} />
        <StatsCharts stats={stats} onRange={(next) => navigate({ search: { range: next === '14d' ? undefined : next }, replace: true, resetScroll: false })} />
        <section>
          <Title order={2} mb="sm">
            {say('console.admin.storage.usage')}
          </Title>
          <DataTable
            label={say('console.admin.storage.usage')}
            columns={usageColumns(say, storage.bytes)}
            rows={joinPages(usage.data)}
            keyOf={(namespace) => namespace.name}
            more={usage}
          />
        </section>
        <StorageCheckPart />
      </Stack>
    </AdminFrame>
  );
}

function Kept({ storage }: { storage: Storage }) {
  const say = useWords();
  const { free_bytes: free, total_bytes: total } = storage;
  const filled = free === null || !total ? undefined : ((total - free) / total) * 100;
  return (
    <div>
      <Tiles
        items={[
          { label: say('console.admin.storage.stored'), value: storage.bytes === null ? '–' : <Size bytes={storage.bytes} /> },
          { label: say('console.admin.storage.blobs'), value: count(storage.blobs) },
          { label: say('console.admin.namespaces.versions'), value: count(storage.tags) },
          {
            label: say('console.admin.storage.free'),
            value: free === null ? '–' : <Size bytes={free} />,
            below: filled !== undefined && (
              <>
                <Progress value={filled} size="sm" aria-label={say('console.admin.storage.filled')} color={filled > NEARLY_FULL ? 'danger' : undefined} />
                <span className="muted">{say('console.admin.storage.of_total', { size: formatSize(total ?? 0) })}</span>
              </>
            ),
          },
        ]}
      />
      <p className={`muted ${classes.note}`}>{say('console.admin.storage.kept')}</p>
      <div className={classes.note}>
        <Facts>
          <Fact label={say('console.admin.storage.folder')}>
            <code>{storage.folder}</code>
          </Fact>
          <Fact label={say('console.admin.storage.looked')}>
            <Time at={storage.looked_at} />
          </Fact>
        </Facts>
      </div>
    </div>
  );
}

const count = (number: number | null) => (number === null ? '–' : formatCount(number));

/** Of the disk, in percent: what is above is said in red. */
const NEARLY_FULL = 90;

const usageColumns = (say: Say, whole: number | null): Column<NamespaceUsage>[] => [
  { key: 'name', title: say('console.core.namespace'), grows: true, cell: (namespace) => namespace.name },
  {
    key: 'share',
    title: say('console.admin.storage.share'),
    cell: (namespace) => {
      const share = whole && namespace.bytes ? (namespace.bytes / whole) * 100 : 0;
      return (
        <span className={classes.share}>
          <svg width="120" height="8" aria-hidden>
            <rect width="120" height="8" rx="4" className={classes.shareGround} />
            <rect width={Math.min(120, share * 1.2)} height="8" rx="4" className={classes.shareBar} />
          </svg>
          {share > 0 && share < 1 ? '<1%' : `${Math.round(share)}%`}
        </span>
      );
    },
  },
  { key: 'size', title: say('console.core.size'), numeric: true, cell: (namespace) => (namespace.bytes === null ? '–' : <Size bytes={namespace.bytes} />) },
  { key: 'blobs', title: say('console.admin.storage.blobs'), numeric: true, from: 1000, cell: (namespace) => (namespace.blobs === null ? '–' : formatCount(namespace.blobs)) },
  { key: 'versions', title: say('console.admin.namespaces.versions'), numeric: true, cell: (namespace) => (namespace.tags === null ? '–' : formatCount(namespace.tags)) },
];
