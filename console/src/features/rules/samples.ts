// Branches and tags that a naming is shown with: those that the rule names, and some that show what happens to odd names.
import type { RuleValues } from './ruleValues';

const isName = (pattern: string) => !/[*?[\]{}/\\]/.test(pattern.replaceAll('/', '')) && !/^\/.*\/$/.test(pattern);

type Chosen = Pick<RuleValues, 'form' | 'lines' | 'branches' | 'branchPatterns' | 'tags' | 'tagPatterns'>;

/** At most this many: each is a question to the server. */
const MOST = 4;

export function listSamples(values: Chosen): string[] {
  const named =
    values.form === 'docker_hub'
      ? values.lines.filter((line) => line.source && isName(line.source)).map((line) => `refs/${line.source_type === 'tag' ? 'tags' : 'heads'}/${line.source}`)
      : [
          ...(values.branches ? values.branchPatterns.filter(isName).map((name) => `refs/heads/${name}`) : []),
          ...(values.tags ? values.tagPatterns.filter(isName).map((name) => `refs/tags/${name}`) : []),
        ];
  const usual = [
    ...(named.some((ref) => ref.startsWith('refs/heads/')) ? [] : ['refs/heads/master']),
    'refs/heads/feature/a',
    'refs/tags/v1.4.2',
  ];
  return [...new Set([...named.slice(0, MOST - 2), ...usual])].slice(0, MOST);
}
