import { Select } from '@mantine/core';
import '@/app/styles/forms';
import { useWords, type WordKey } from '@/app/words';
import { FilterInput } from '@/ui/FilterInput';
import { Filters } from '@/ui/Filters';
import { formatCount } from '@/ui/format/count';
import { versionSorts, type VersionsSearch } from './search';

const sortWords: Record<(typeof versionSorts)[number], WordKey> = {
  name: 'console.versions.sort.name',
  '-name': 'console.versions.sort.name_down',
  pushed: 'console.versions.sort.pushed',
  '-pushed': 'console.versions.sort.pushed_down',
  size: 'console.versions.sort.size',
  '-size': 'console.versions.sort.size_down',
  pulls: 'console.versions.sort.pulls',
  '-pulls': 'console.versions.sort.pulls_down',
};

interface VersionFiltersProps {
  search: VersionsSearch;
  onSearch: (part: VersionsSearch) => void;
  /** The platforms that occur in the image. */
  platforms: string[];
  matching: number;
  total: number;
}

/** [筛选镜像版本] 平台▾ 排序▾ 12 / 10,240 */
export function VersionFilters({ search, onSearch, platforms, matching, total }: VersionFiltersProps) {
  const say = useWords();
  // One that no version has any more is still what is asked for.
  const offered = search.platform && !platforms.includes(search.platform) ? [search.platform, ...platforms] : platforms;
  return (
    <Filters
      active={[search.platform, search.sort].filter(Boolean).length}
      lead={<FilterInput label={say('console.versions.filter')} value={search.q} onChange={(q) => onSearch({ q })} />}
      end={
        <span className="muted nowrap" role="status" style={{ alignSelf: 'center' }}>
          {matching === total ? formatCount(total) : `${formatCount(matching)} / ${formatCount(total)}`}
        </span>
      }
    >
      <Select
        aria-label={say('console.versions.platform')}
        placeholder={say('console.versions.platform')}
        data={offered}
        value={search.platform ?? null}
        onChange={(platform) => onSearch({ platform: platform ?? undefined })}
        clearable
        clearButtonProps={{ 'aria-label': say('console.core.clear') }}
        w={{ base: '100%', sm: 180 }}
      />
      <Select
        aria-label={say('console.versions.sort_label')}
        data={versionSorts.map((sort) => ({ value: sort, label: say(sortWords[sort]) }))}
        value={search.sort ?? 'name'}
        onChange={(sort) => onSearch({ sort: sort === 'name' ? undefined : versionSorts.find((each) => each === sort) })}
        allowDeselect={false}
        w={{ base: '100%', sm: 180 }}
      />
    </Filters>
  );
}
