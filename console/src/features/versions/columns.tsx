import type { Version } from '@/api/versions';
import type { Language } from '@/app/language';
import type { Say } from '@/app/words';
import { Copy } from '@/ui/Copy';
import type { Column } from '@/ui/DataTable';
import { Digest } from '@/ui/Digest';
import { formatCompact } from '@/ui/format/count';
import { TextLink } from '@/ui/links';
import { MiddleCut } from '@/ui/MiddleCut';
import { Size } from '@/ui/Size';
import { Time } from '@/ui/Time';
import { From } from './From';

/** The columns of a list of versions. Where they come from is told, and builds are linked, for whoever may see builds. */
export const listVersionColumns = (say: Say, language: Language, image: { name: string; address: string; builds: boolean }): Column<Version>[] => [
  {
    key: 'name',
    title: say('console.versions.version'),
    grows: true,
    sort: { up: 'name', down: '-name' },
    cell: (version) => (
      <div className="beside">
        <TextLink to="/images/$name/versions/$tag" params={{ name: image.name, tag: version.name }} style={{ display: 'flex', minWidth: 0 }}>
          <MiddleCut text={version.name} />
        </TextLink>
        <Copy value={`docker pull ${image.address}:${version.name}`} label={`docker pull ${version.name}`} />
      </div>
    ),
  },
  { key: 'digest', title: say('console.versions.digest'), cell: (version) => <Digest value={version.digest} /> },
  { key: 'platforms', title: say('console.versions.platforms'), from: 1000, cell: (version) => <PlatformList platforms={version.platforms} /> },
  { key: 'size', title: say('console.core.size'), numeric: true, sort: { up: 'size', down: '-size' }, cell: (version) => <Size bytes={version.size_bytes} /> },
  { key: 'pushed', title: say('console.versions.pushed'), sort: { up: 'pushed', down: '-pushed' }, cell: (version) => <Time at={version.pushed_at} /> },
  ...(image.builds ? [fromColumn(say, image.name)] : []),
  { key: 'pulls', title: say('console.core.pulls'), numeric: true, sort: { up: 'pulls', down: '-pulls' }, cell: (version) => formatCompact(version.pull_count, language) },
];

const fromColumn = (say: Say, name: string): Column<Version> => ({
  key: 'by',
  title: say('console.versions.from'),
  cut: true,
  from: 1200,
  cell: (version) => <From name={name} version={version} builds />,
});

/** Platforms shown in a cell; the others are said on hover and on the version's own page. */
const SHOWN = 3;

/** Nearly all is Linux: it is not said. */
function PlatformList({ platforms }: { platforms: string[] }) {
  const rest = platforms.length - SHOWN;
  return (
    <div className="beside" title={platforms.join('\n')}>
      {platforms.slice(0, SHOWN).map((platform) => (
        <code key={platform}>{platform.replace(/^linux\//, '')}</code>
      ))}
      {rest > 0 && <span className="muted">+{rest}</span>}
    </div>
  );
}
