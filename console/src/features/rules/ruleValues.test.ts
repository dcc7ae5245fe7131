import { describe, expect, test } from 'vitest';
import type { Rule } from '@/api/rules';
import { findMissing, newRuleValues, readChanges, readDefinition, readNaming, readNewRule, ruleValues } from './ruleValues';

const rule = {
  name: 'main',
  enabled: true,
  remote: 'team/shop',
  source: { id: 'one', kind: 'gitlab', address: 'https://git.example', owner: 'li.wei' },
  definition: {
    trigger: { tags: false, tag_patterns: [], branches: true, branch_patterns: ['main', 'release/*'] },
    naming: { form: 'parts', prefix: 'v', reference: true, time: false, commit: true, templates: [], lines: [], also: ['latest'] },
    skip_ci: true,
    dockerfile: 'deploy/Dockerfile',
    directory: null,
    build_args: { VERSION: '1.0.0' },
    target: null,
    platforms: [],
    cache: true,
    submodules: false,
    network: 'isolated',
    limits: { timeout_seconds: 600, memory_bytes: null, cpu_millis: 500, disk_bytes: null, log_bytes: null },
    push_also: [{ image: 'docker.io/acme/web', tags: [] }],
    readme: false,
    report_status: true,
    rebuild_tags: false,
  },
} as unknown as Rule;

test('a rule that nobody touched is told to the API as it was', () => {
  expect(readChanges(ruleValues(rule), rule)).toEqual({ definition: rule.definition });
});

test('a rule is pointed elsewhere only where somebody did so', () => {
  const values = { ...ruleValues(rule), remote: 'team/other' };
  expect(readChanges(values, rule)).toMatchObject({ source: 'one', remote: 'team/other' });
});

describe('what would have no effect is left out', () => {
  const values = newRuleValues('one');

  test('patterns of a box that is off', () => {
    const { trigger } = readDefinition({ ...values, branches: false, branchPatterns: ['main'], tags: true, tagPatterns: ['v*'] });
    expect(trigger).toEqual({ branches: false, branch_patterns: [], tags: true, tag_patterns: ['v*'] });
  });

  test("boxes and further names beside Docker Hub's lines", () => {
    const line = { key: 0, source_type: 'branch' as const, source: ' main ', tags: 'latest', automatic: true };
    const hub = { ...values, form: 'docker_hub' as const, also: ['x'], lines: [line, { ...line, key: 1, source: '' }] };
    expect(readDefinition(hub).trigger?.branches).toBe(false);
    expect(readNaming(hub)).toMatchObject({
      form: 'docker_hub',
      lines: [{ source_type: 'branch', source: 'main', tags: 'latest', automatic: true }],
      also: [],
    });
  });

  test('registries that were typed while pushing there is off', () => {
    const rows = [{ key: 0, image: 'docker.io/a/b', tags: [] }];
    expect(readDefinition({ ...values, pushAlso: rows }).push_also).toEqual([]);
    expect(readDefinition({ ...values, pushAlso: rows, pushes: true }).push_also).toHaveLength(1);
  });

  test('arguments without a name', () => {
    const args = [{ key: 0, name: ' ', value: 'x' }, { key: 1, name: 'A', value: '' }];
    expect(readNewRule({ ...values, args, remote: 'a/b' }).definition?.build_args).toEqual({ A: '' });
  });
});

test('what has to be filled is named', () => {
  expect(findMissing(newRuleValues())).toEqual(['source', 'remote']);
});
