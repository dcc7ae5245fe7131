import { Select } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import type { BuildFilter } from '@/api/builds';
import type { Rule } from '@/api/rules';
import '@/app/styles/forms';
import { useWords, type WordKey } from '@/app/words';
import { Filters } from '@/ui/Filters';
import { TypedFilter } from '@/ui/TypedFilter';
import { filterStates } from './buildState';
import type { BuildsSearch } from './search';

/** The list's filters; they are in the address. */
export function BuildFilters({ image, filter, rules }: { image: string; filter: BuildFilter; rules: Rule[] }) {
  const say = useWords();
  const navigate = useNavigate();
  const go = (change: BuildFilter) =>
    navigate({ to: '/images/$name/builds', params: { name: image }, search: (before) => clean({ ...before, ...change }), replace: true });
  return (
    <Filters active={Object.values(filter).filter(Boolean).length}>
      <Select
        label={say('console.builds.state')}
        placeholder={say('console.core.all')}
        clearable
        w={{ base: '100%', sm: 150 }}
        data={filterStates.map((state) => ({ value: state, label: say(`console.core.state.${state}` as WordKey) }))}
        value={filter.state ?? null}
        onChange={(state) => go({ state: state ?? undefined })}
      />
      <TypedFilter label={say('console.builds.ref')} value={filter.ref} onChange={(ref) => go({ ref })} />
      {rules.length > 1 && (
        <Select
          label={say('console.builds.rule')}
          placeholder={say('console.core.all')}
          clearable
          w={{ base: '100%', sm: 180 }}
          data={rules.map((rule) => rule.name)}
          value={filter.rule ?? null}
          onChange={(rule) => go({ rule: rule ?? undefined })}
        />
      )}
    </Filters>
  );
}

/** Addresses do not say what is not asked for. */
function clean(filter: BuildsSearch): BuildsSearch {
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value));
}
