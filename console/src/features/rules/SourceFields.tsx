import { Autocomplete, Group, Radio, SegmentedControl, Select, Stack, TextInput } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery, useSuspenseInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { joinPages } from '@/api/page';
import { ownersQuery, remoteRepositoriesQuery, type Source, sourcesQuery } from '@/api/sources';
import { useWords } from '@/app/words';
import { hostOf, sayKind } from '@/features/sources/kinds';
import { ErrorState } from '@/ui/ErrorState';
import { IconButton } from '@/ui/IconButton';
import { ButtonLink } from '@/ui/links';
import type { FieldsProps } from './fields';

/** How long (ms) after the last key the code host is asked: it counts requests. */
const SETTLED = 400;

/** 代码源: one of the reader's accounts on code hosts, and a repository there. */
export function SourceFields({ values, change, errorOf }: FieldsProps) {
  const say = useWords();
  const sources = joinPages(useSuspenseInfiniteQuery(sourcesQuery()).data);
  const chosen = sources.find((source) => source.id === values.source);
  return (
    <Stack gap="md">
      <Radio.Group
        label={say('console.builds.code_source')}
        value={values.source}
        onChange={(source) => change({ source, remote: '' })}
        error={errorOf('source')}
      >
        <Group gap="xl" mt={4}>
          {sources.map((source) => (
            <Radio key={source.id} value={source.id} label={`${sayKind(source.kind, say)} · ${hostOf(source.address)}`} description={source.account} />
          ))}
          <ButtonLink to="/sources/-/new" search={{}} variant="subtle" size="compact-sm">
            {say('console.builds.add_source')}
          </ButtonLink>
        </Group>
      </Radio.Group>
      {chosen && (chosen.kind === 'git' ? (
        <TextInput
          label={say('console.rules.git_path')}
          description={say('console.rules.git_path_hint', { host: hostOf(chosen.address) })}
          placeholder="team/app.git"
          value={values.remote}
          onChange={(event) => change({ remote: event.currentTarget.value })}
          spellCheck={false}
          error={errorOf('remote')}
        />
      ) : (
        <RemoteFields key={chosen.id} source={chosen} values={values} change={change} errorOf={errorOf} />
      ))}
    </Stack>
  );
}

/** Organization or group, then a repository of it; the code host searches. */
function RemoteFields({ source, values, change, errorOf }: FieldsProps & { source: Source }) {
  const say = useWords();
  const slash = values.remote.lastIndexOf('/');
  const [owner, setOwner] = useState<string | null>(slash > 0 ? values.remote.slice(0, slash) : null);
  const [visibility, setVisibility] = useState<'all' | 'private' | 'public'>('all');
  const [typed, setTyped] = useState(values.remote);
  const [asked] = useDebouncedValue(typed, SETTLED);
  const owners = useQuery(ownersQuery(source.id));
  const kind = owners.data?.find((each) => each.path === owner)?.kind;
  const repositories = useQuery({
    ...remoteRepositoriesQuery(source.id, {
      ...(owner && { owner, owner_kind: kind ?? 'group' }),
      ...(visibility !== 'all' && { visibility }),
      ...(asked !== values.remote && asked !== '' && { q: asked.slice(asked.lastIndexOf('/') + 1) }),
    }),
    enabled: owners.isSuccess,
    placeholderData: keepPreviousData,
  });
  const paths = repositories.data?.map((each) => each.path) ?? [];
  const refresh = () => {
    void owners.refetch();
    void repositories.refetch();
  };
  const group = source.kind === 'gitlab' ? 'console.rules.group' : 'console.rules.organization';
  const failed = owners.error ?? repositories.error;
  return (
    <>
      {failed && <ErrorState problem={failed} retry={refresh} />}
      <Select
        label={say(group)}
        data={owners.data?.map((each) => ({ value: each.path, label: each.name ? `${each.path} (${each.name})` : each.path })) ?? []}
        value={owner}
        onChange={setOwner}
        searchable
        clearable
        placeholder={say('console.core.all')}
      />
      <div>
        <Group justify="space-between" align="flex-end" mb={4}>
          <span />
          <Group gap={4}>
            <SegmentedControl
              size="xs"
              aria-label={say('console.core.type')}
              value={visibility}
              onChange={(next) => setVisibility(next as typeof visibility)}
              data={[
                { value: 'all', label: say('console.core.all') },
                { value: 'private', label: say('console.rules.private_repositories') },
                { value: 'public', label: say('console.rules.public_repositories') },
              ]}
            />
            <IconButton aria-label={say('console.rules.refresh')} onClick={refresh} aria-busy={repositories.isFetching}>
              <IconRefresh size={16} />
            </IconButton>
          </Group>
        </Group>
        <Autocomplete
          label={say('console.rules.repository')}
          data={paths}
          value={typed}
          onChange={(text) => {
            setTyped(text);
            change({ remote: text });
          }}
          limit={100}
          spellCheck={false}
          placeholder="team/shop"
          error={errorOf('remote')}
        />
      </div>
    </>
  );
}
