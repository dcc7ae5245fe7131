import { expect, test } from 'vitest';
import { newRuleValues } from './ruleValues';
import { listSamples } from './samples';

const values = newRuleValues();

test('without names the usual ones are shown', () => {
  expect(listSamples(values)).toEqual(['refs/heads/master', 'refs/heads/feature/a', 'refs/tags/v1.4.2']);
});

test('names of the rule come first, patterns are no names', () => {
  expect(listSamples({ ...values, branchPatterns: ['main', 'release/*', '/^x/'] })).toEqual([
    'refs/heads/main',
    'refs/heads/feature/a',
    'refs/tags/v1.4.2',
  ]);
});

test("Docker Hub's lines bring their own", () => {
  const line = { key: 0, source_type: 'tag' as const, source: 'stable', tags: 'x', automatic: true };
  expect(listSamples({ ...values, form: 'docker_hub', lines: [line] })[0]).toBe('refs/tags/stable');
});
