import { expect, test } from 'vitest';
import type { Definition } from '@/api/rules';
import type { Say } from '@/app/words';
import chunks from 'virtual:wharf-words';
import { sayTrigger } from './ruleSentence';

const sayIn = async (language: 'en' | 'zh'): Promise<Say> => {
  const words: Record<string, string> = (await chunks[`${language}/builds`]?.())?.default ?? {};
  return (key, parameters = {}) =>
    Object.entries(parameters).reduce((text, [name, value]) => text.replace(`{${name}}`, String(value)), words[key] ?? key);
};

type Wanted = { trigger?: Partial<Definition['trigger']>; naming?: Partial<Definition['naming']> };

const rule = ({ trigger, naming }: Wanted) =>
  ({
    trigger: { tags: false, tag_patterns: [], branches: false, branch_patterns: [], ...trigger },
    naming: { form: 'parts', lines: [], ...naming },
  }) as Pick<Definition, 'trigger' | 'naming'>;

const cases: [string, Wanted, string, string][] = [
  [
    'named branches',
    { trigger: { branches: true, branch_patterns: ['master', 'release/*'] } },
    '提交代码到分支master、release/*时触发',
    'On push to master, release/*',
  ],
  ['any branch', { trigger: { branches: true } }, '提交代码到任意分支时触发', 'On push to any branch'],
  [
    'both boxes',
    { trigger: { branches: true, branch_patterns: ['main'], tags: true } },
    '提交代码到分支main时触发；添加新Tag时触发',
    'On push to main; when a tag is added',
  ],
  [
    "Docker Hub's lines",
    {
      naming: {
        form: 'docker_hub',
        lines: [
          { source_type: 'tag', source: '/^v/', tags: '{sourceref}', automatic: true },
          { source_type: 'branch', source: 'by-hand', tags: 'x', automatic: false },
        ],
      },
    },
    '添加符合/^v/的新Tag时触发',
    'When a tag matching /^v/ is added',
  ],
  ['nothing', {}, '仅在手动、API或触发URL调用时构建', 'Only by hand, API or trigger URL'],
];

test.each(cases)('%s is one sentence', async (_, wanted, zh, en) => {
  const definition = rule(wanted);
  expect(sayTrigger(definition, await sayIn('zh'))).toBe(zh);
  const said = sayTrigger(definition, await sayIn('en'));
  expect(said.charAt(0).toUpperCase() + said.slice(1)).toBe(en);
});
