// A rule's trigger as one sentence, as the summary card says it.
import type { Definition } from '@/api/rules';
import type { Say } from '@/app/words';

interface Chosen {
  /** Names and patterns; an empty list is any. */
  branches?: string[];
  tags?: string[];
}

/** `提交代码到分支master、release/*时触发`, `On push to master, release/*`. */
export function sayTrigger(definition: Pick<Definition, 'trigger' | 'naming'>, say: Say): string {
  const { branches, tags } = readChosen(definition);
  const list = (names: string[]) => names.reduce((one, other) => say('console.builds.list_comma', { one, other }));
  const parts: string[] = [];
  if (branches) {
    parts.push(
      branches.length > 0
        ? say('console.builds.trigger.branches', { names: list(branches) })
        : say('console.builds.trigger.any_branch'),
    );
  }
  if (tags) {
    parts.push(
      tags.length > 0
        ? say('console.builds.trigger.tags', { names: list(tags) })
        : say('console.builds.trigger.any_tag'),
    );
  }
  return parts.length > 0
    ? parts.reduce((one, other) => say('console.builds.list_semicolon', { one, other }))
    : say('console.builds.trigger.never');
}

/** Docker Hub's lines say by themselves what is built; in the other forms the boxes do. */
function readChosen({ trigger, naming }: Pick<Definition, 'trigger' | 'naming'>): Chosen {
  if (naming.form === 'docker_hub') {
    const sources = (type: 'branch' | 'tag') =>
      naming.lines.filter((line) => line.automatic !== false && line.source_type === type).map((line) => line.source);
    const [branches, tags] = [sources('branch'), sources('tag')];
    return { ...(branches.length > 0 && { branches }), ...(tags.length > 0 && { tags }) };
  }
  return {
    ...(trigger.branches && { branches: trigger.branch_patterns }),
    ...(trigger.tags && { tags: trigger.tag_patterns }),
  };
}
