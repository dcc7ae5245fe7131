import { useInfiniteQuery } from '@tanstack/react-query';
import { joinPages } from '@/api/page';
import { type Referrer, referrersQuery } from '@/api/versions';
import { type Say, useWords } from '@/app/words';
import { type Column, DataTable } from '@/ui/DataTable';
import { EmptyPlace } from '@/ui/EmptyPlace';
import { ErrorState } from '@/ui/ErrorState';
import { cutDigest } from '@/ui/format/cut';
import { TextLink } from '@/ui/links';
import { Size } from '@/ui/Size';
import { TableSkeleton } from '@/ui/skeletons';
import { Time } from '@/ui/Time';

/** 关联制品: signatures, bills of materials and whatever else names a version as its subject. */
export function Referrers({ name, digest }: { name: string; digest: string }) {
  const say = useWords();
  const referrers = useInfiniteQuery(referrersQuery(name, digest));
  if (referrers.error && !referrers.data) return <ErrorState problem={referrers.error} retry={() => void referrers.refetch()} />;
  if (!referrers.data) return <TableSkeleton rows={3} />;
  const rows = joinPages(referrers.data);
  if (rows.length === 0) return <EmptyPlace title={say('console.versions.no_referrers')} text={say('console.versions.no_referrers_text')} />;
  return <DataTable label={say('console.versions.view.referrers')} columns={listColumns(say, name)} rows={rows} keyOf={(row) => row.digest} more={referrers} />;
}

/** When an artifact was made, where it says so (OCI image-spec annotations.md). */
const CREATED = 'org.opencontainers.image.created';

const listColumns = (say: Say, name: string): Column<Referrer>[] => [
  {
    key: 'kind',
    title: say('console.versions.artifact_type'),
    grows: true,
    cell: (referrer) => <span className="mono">{referrer.artifact_type ?? referrer.media_type}</span>,
  },
  {
    key: 'digest',
    title: say('console.core.digest'),
    cell: (referrer) => (
      <TextLink to="/images/$name/versions/$tag" params={{ name, tag: referrer.digest }} className="mono" title={referrer.digest}>
        {cutDigest(referrer.digest)}
      </TextLink>
    ),
  },
  { key: 'size', title: say('console.core.size'), numeric: true, cell: (referrer) => <Size bytes={referrer.size_bytes} /> },
  { key: 'created', title: say('console.core.created'), cell: (referrer) => <Time at={readTime(referrer.annotations[CREATED])} /> },
];

/** Annotations hold what people put there. */
const readTime = (value: unknown) => (typeof value === 'string' && !Number.isNaN(Date.parse(value)) ? value : undefined);
