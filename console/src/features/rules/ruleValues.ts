// What the form of a rule holds, and what the API is told by it.
import type { Definition, Naming, NamingLine, NewRule, Rule, RuleChanges } from '@/api/rules';
import { type ArgumentRow, readArguments, toRows } from './ArgumentRows';

export interface PushRow {
  key: number;
  image: string;
  tags: string[];
}

export interface LineRow extends NamingLine {
  key: number;
}

export interface RuleValues {
  name: string;
  enabled: boolean;
  source: string;
  remote: string;
  tags: boolean;
  tagPatterns: string[];
  branches: boolean;
  branchPatterns: string[];
  form: Naming['form'];
  prefix: string;
  reference: boolean;
  time: boolean;
  commit: boolean;
  templates: string[];
  lines: LineRow[];
  also: string[];
  dockerfile: string;
  directory: string;
  args: ArgumentRow[];
  /** New or changed secrets; their values are never read. */
  secrets: ArgumentRow[];
  /** Secrets that are set and shall not be any longer. */
  forgotten: string[];
  target: string;
  platforms: string[];
  cache: boolean;
  submodules: boolean;
  isolated: boolean;
  skipCi: boolean;
  readme: boolean;
  reportStatus: boolean;
  rebuildTags: boolean;
  /** Empty is the operator's default. */
  timeoutMinutes: number | '';
  memoryGib: number | '';
  pushes: boolean;
  pushAlso: PushRow[];
}

const GIB = 1024 ** 3;

const noLimits: Definition['limits'] = {
  timeout_seconds: null,
  cpu_millis: null,
  memory_bytes: null,
  disk_bytes: null,
  log_bytes: null,
};

/** The API's own defaults, with one box ticked: a rule without any builds by hand alone. */
const plain: Definition = {
  trigger: { tags: false, tag_patterns: [], branches: true, branch_patterns: [] },
  naming: { form: 'parts', prefix: null, reference: true, time: false, commit: false, templates: [], lines: [], also: [] },
  skip_ci: true,
  dockerfile: 'Dockerfile',
  directory: null,
  build_args: {},
  target: null,
  platforms: [],
  cache: true,
  submodules: false,
  network: 'isolated',
  limits: noLimits,
  push_also: [],
  readme: false,
  report_status: true,
  rebuild_tags: false,
};

/** A new rule's form: a push to the default branch is what most people want first. */
export const newRuleValues = (source = ''): RuleValues => ({
  ...toValues(plain),
  name: 'default',
  enabled: true,
  source,
  remote: '',
});

export const ruleValues = (rule: Rule): RuleValues => ({
  ...toValues(rule.definition),
  name: rule.name,
  enabled: rule.enabled,
  source: rule.source.id ?? '',
  remote: rule.remote,
});

function toValues(definition: Definition): Omit<RuleValues, 'name' | 'enabled' | 'source' | 'remote'> {
  const { trigger, naming, limits } = definition;
  return {
    tags: trigger.tags,
    tagPatterns: trigger.tag_patterns,
    branches: trigger.branches,
    branchPatterns: trigger.branch_patterns,
    form: naming.form,
    prefix: naming.prefix ?? '',
    reference: naming.reference,
    time: naming.time,
    commit: naming.commit,
    templates: naming.templates,
    lines: naming.lines.map((line, key) => ({ ...line, key })),
    also: naming.also,
    dockerfile: definition.dockerfile,
    directory: definition.directory ?? '',
    args: toRows(definition.build_args),
    secrets: [],
    forgotten: [],
    target: definition.target ?? '',
    platforms: definition.platforms,
    cache: definition.cache,
    submodules: definition.submodules,
    isolated: definition.network === 'isolated',
    skipCi: definition.skip_ci,
    readme: definition.readme,
    reportStatus: definition.report_status,
    rebuildTags: definition.rebuild_tags,
    timeoutMinutes: limits.timeout_seconds ? limits.timeout_seconds / 60 : '',
    memoryGib: limits.memory_bytes ? limits.memory_bytes / GIB : '',
    pushes: definition.push_also.length > 0,
    pushAlso: definition.push_also.map((push, key) => ({ key, image: push.image, tags: push.tags ?? [] })),
  };
}

/** Only what the chosen form uses: the server refuses what would have no effect. */
export function readNaming(values: RuleValues): Naming {
  const { form } = values;
  const parts = form === 'parts';
  const hub = form === 'docker_hub';
  const lines = values.lines.filter((line) => line.source.trim() !== '');
  return {
    form,
    prefix: (parts && values.prefix.trim()) || null,
    reference: parts && values.reference,
    time: parts && values.time,
    commit: parts && values.commit,
    templates: form === 'templates' ? values.templates : [],
    lines: hub
      ? lines.map(({ source_type, source, tags, automatic }) => ({ source_type, source: source.trim(), tags: tags.trim(), automatic }))
      : [],
    also: hub ? [] : values.also,
  };
}

/** `kept` are the limits that the form does not show: they stay as they are. */
export function readDefinition(values: RuleValues, kept: Definition['limits'] = noLimits): Definition {
  const boxes = values.form !== 'docker_hub';
  return {
    // Docker Hub's lines say themselves what is built; patterns of a box that is off would be refused.
    trigger: {
      tags: boxes && values.tags,
      tag_patterns: boxes && values.tags ? values.tagPatterns : [],
      branches: boxes && values.branches,
      branch_patterns: boxes && values.branches ? values.branchPatterns : [],
    },
    naming: readNaming(values),
    skip_ci: values.skipCi,
    dockerfile: values.dockerfile.trim(),
    directory: values.directory.trim() || null,
    build_args: readArguments(values.args),
    target: values.target.trim() || null,
    platforms: values.platforms,
    cache: values.cache,
    submodules: values.submodules,
    network: values.isolated ? 'isolated' : 'none',
    limits: {
      ...kept,
      timeout_seconds: values.timeoutMinutes === '' ? null : Math.round(values.timeoutMinutes * 60),
      memory_bytes: values.memoryGib === '' ? null : Math.round(values.memoryGib * GIB),
    },
    push_also: values.pushes
      ? values.pushAlso.filter((push) => push.image.trim() !== '').map(({ image, tags }) => ({ image: image.trim(), tags }))
      : [],
    readme: values.readme,
    report_status: values.reportStatus,
    rebuild_tags: values.rebuildTags,
  };
}

export const readNewRule = (values: RuleValues): NewRule => ({
  name: values.name.trim(),
  source: values.source,
  remote: values.remote.trim(),
  enabled: values.enabled,
  definition: readDefinition(values),
  secrets: readArguments(values.secrets),
});

/** What was changed of a rule; where it points is left out unless it points elsewhere, which only its source's owner may. */
export function readChanges(values: RuleValues, rule: Rule): RuleChanges {
  const elsewhere = values.source !== (rule.source.id ?? '') || values.remote.trim() !== rule.remote;
  return {
    ...(values.name.trim() !== rule.name && { name: values.name.trim() }),
    ...(values.enabled !== rule.enabled && { enabled: values.enabled }),
    ...(elsewhere && { source: values.source, remote: values.remote.trim() }),
    definition: readDefinition(values, rule.definition.limits),
  };
}

/** The fields that have to be filled, and are not. */
export function findMissing(values: RuleValues): (keyof RuleValues)[] {
  const wanted: (keyof RuleValues)[] = ['name', 'source', 'remote', 'dockerfile'];
  return wanted.filter((field) => String(values[field]).trim() === '');
}
