import { Autocomplete, Checkbox, Radio, Group, Select, Stack, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { buildTrendQuery } from '@/api/builds';
import type { Rule } from '@/api/rules';
import { remoteRefsQuery } from '@/api/sources';
import { useWords } from '@/app/words';
import type { Starting } from './BuildNow';
import type { DraftProps } from './startDraft';

/** What the server can find a commit by: its first digits, or all of them. */
const COMMIT = /^[0-9a-f]{7,64}$/i;

interface StartFromRuleProps extends DraftProps {
  image: string;
  by: 'ref' | 'commit';
  rules: Rule[];
  /** Whether a version may be chosen: that needs the right to push. */
  mayName: boolean;
  onStart: (starting: Starting) => unknown;
  /** What the server did not take. */
  wrong?: { field: string; text: string };
  footer: ReactNode;
}

/** 指定源码分支构建 and 指定commit号构建. */
export function StartFromRule({ image, by, rules, mayName, draft, change, onStart, wrong, footer }: StartFromRuleProps) {
  const say = useWords();
  const { rule, kind, name, commit, version, noCache } = draft;
  const [own, setOwn] = useState<{ field: string; text: string }>();
  const chosen = rules.find((each) => each.name === rule);
  const suggested = useSuggestedRefs(chosen, kind, by === 'ref');
  const commits = useRecentCommits(image, rule, by === 'commit');

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!rule) return;
    const missing = say('console.core.required');
    if (by === 'ref' && name.trim() === '') return setOwn({ field: 'ref', text: missing });
    if (by === 'commit' && !COMMIT.test(commit.trim())) {
      return setOwn({ field: 'commit', text: say('console.builds.commit_digits') });
    }
    setOwn(undefined);
    const from = by === 'ref' ? { ref: `refs/${kind === 'branches' ? 'heads' : 'tags'}/${name.trim()}` } : { commit: commit.trim().toLowerCase() };
    onStart({ start: { rule, ...from, no_cache: noCache, ...(version.trim() && { version: version.trim() }) } });
  };
  const errorOf = (field: string) => [own, wrong].find((each) => each?.field === field)?.text;
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="lg">
        {rules.length > 1 && (
          <Select label={say('console.builds.rule')} data={rules.map((each) => each.name)} value={rule} onChange={(next) => change({ rule: next })} allowDeselect={false} error={errorOf('rule')} />
        )}
        {by === 'ref' ? (
          <>
            <Radio.Group label={say('console.builds.ref_kind')} value={kind} onChange={(next) => change({ kind: next as typeof kind })}>
              <Group mt={4} gap="xl">
                <Radio value="branches" label={say('console.builds.branch')} />
                <Radio value="tags" label="Tag" />
              </Group>
            </Radio.Group>
            <Autocomplete
              label={say(kind === 'branches' ? 'console.builds.branch' : 'console.builds.tag')}
              data={suggested}
              value={name}
              onChange={(next) => change({ name: next })}
              spellCheck={false}
              autoCapitalize="none"
              limit={50}
              error={errorOf('ref')}
            />
          </>
        ) : (
          <Autocomplete
            label={say('console.builds.commit_number')}
            description={say('console.builds.commit_digits')}
            data={[...commits.keys()]}
            renderOption={({ option }) => (
              <span>
                <span className="mono">{option.value.slice(0, 8)}</span> <span className="muted">{commits.get(option.value)}</span>
              </span>
            )}
            value={commit}
            onChange={(value) => change({ commit: value })}
            className="mono"
            spellCheck={false}
            autoCapitalize="none"
            error={errorOf('commit')}
          />
        )}
        {mayName && (
          <TextInput
            label={say('console.builds.version')}
            description={say('console.builds.version_by_rule')}
            value={version}
            onChange={(event) => change({ version: event.currentTarget.value })}
            spellCheck={false}
            autoCapitalize="none"
            error={errorOf('version')}
          />
        )}
        <Checkbox label={say('console.builds.no_cache')} checked={noCache} onChange={(event) => change({ noCache: event.currentTarget.checked })} />
        {footer}
      </Stack>
    </form>
  );
}

/** What is there to choose, where the rule's source is the reader's own: others type. */
function useSuggestedRefs(rule: Rule | undefined, kind: 'branches' | 'tags', wanted: boolean): string[] {
  const source = rule?.may.includes('point') ? rule.source.id : null;
  const refs = useQuery({ ...remoteRefsQuery(source ?? '', rule?.remote ?? '', kind), enabled: wanted && Boolean(source) });
  return refs.data?.map((ref) => ref.name) ?? [];
}

/** Commits that the rule built last, newest first, and the first line of what their authors wrote. */
function useRecentCommits(image: string, rule: string | null, wanted: boolean): Map<string, string> {
  const builds = useQuery({ ...buildTrendQuery(image, rule ?? ''), enabled: wanted && rule !== null });
  return new Map(builds.data?.flatMap(({ commit, message }) => (commit ? [[commit, message.split('\n', 1)[0] ?? '']] : [])));
}
