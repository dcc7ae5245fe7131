import { Group } from '@mantine/core';
import type { Repository } from '@/api/repositories';
import type { Say } from '@/app/words';
import { Copy } from '@/ui/Copy';
import type { Column } from '@/ui/DataTable';
import { formatCount } from '@/ui/format/count';
import { TextLink } from '@/ui/links';
import { MiddleCut } from '@/ui/MiddleCut';
import { NameCell } from '@/ui/NameCell';
import { Size } from '@/ui/Size';
import { showState, StateBadge } from '@/ui/StateBadge';
import { Time } from '@/ui/Time';
import classes from './images.module.css';

/** The columns of a list of images; created, size and the address's text leave first where the window is narrow. */
export const listImageColumns = (say: Say): Column<Repository>[] => [
  {
    key: 'name',
    title: say('console.images.name'),
    grows: true,
    sort: { up: 'name', down: '-name' },
    cell: (image) => (
      <NameCell description={image.short_description}>
        <TextLink to="/images/$name" params={{ name: image.name }}>
          <MiddleCut text={image.name} />
        </TextLink>
      </NameCell>
    ),
  },
  {
    key: 'type',
    title: say('console.core.type'),
    from: 1000,
    cell: (image) => say(image.public ? 'console.core.public' : 'console.core.private'),
  },
  {
    key: 'address',
    title: say('console.images.address'),
    cell: (image) => (
      <Group gap={4} wrap="nowrap">
        <span className={classes.address}>
          <MiddleCut text={image.address} />
        </span>
        <Copy value={image.address} label={say('console.images.address_of', { name: image.name })} />
      </Group>
    ),
  },
  { key: 'versions', title: say('console.images.versions'), numeric: true, from: 1000, sort: { up: 'tags', down: '-tags' }, cell: (image) => formatCount(image.tag_count) },
  { key: 'size', title: say('console.core.size'), numeric: true, from: 1200, sort: { up: 'size', down: '-size' }, cell: (image) => <Size bytes={image.size_bytes} /> },
  { key: 'created', title: say('console.core.created'), from: 1600, sort: { up: 'created', down: '-created' }, cell: (image) => <Time at={image.created_at} /> },
  { key: 'pushed', title: say('console.images.last_push'), sort: { up: 'pushed', down: '-pushed' }, cell: (image) => <Time at={image.last_push_at} /> },
  { key: 'build', title: say('console.images.last_build'), from: 1000, cell: (image) => <LastBuild image={image} /> },
];

function LastBuild({ image }: { image: Repository }) {
  const state = showState(image.last_build?.state);
  if (!image.last_build || !state) return <span className="muted">–</span>;
  return (
    <TextLink to="/images/$name/builds/$number" params={{ name: image.name, number: String(image.last_build.number) }} c="inherit">
      <StateBadge state={state} />
    </TextLink>
  );
}
