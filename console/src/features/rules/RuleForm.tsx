import { Checkbox, Group, Input, Stack, TextInput } from '@mantine/core';
import type { LinkProps } from '@tanstack/react-router';
import { type FormEvent, type ReactNode, useRef, useState } from 'react';
import { isProblem } from '@/api/problem';
import type { Rule } from '@/api/rules';
import { LeaveGuard } from '@/app/LeaveGuard';
import '@/app/styles/forms';
import { useWords } from '@/app/words';
import { CommandLine } from '@/ui/CommandLine';
import { Disclosure } from '@/ui/Disclosure';
import { ErrorState } from '@/ui/ErrorState';
import { FormButtons } from '@/ui/FormButtons';
import { AdvancedFields } from './AdvancedFields';
import { ArgumentRows } from './ArgumentRows';
import { writeDockerCommand } from './dockerCommand';
import type { FieldsProps } from './fields';
import { NamingFields } from './NamingFields';
import { NamingPreview } from './NamingPreview';
import { PushFields } from './PushFields';
import classes from './RuleForm.module.css';
import { findMissing, type RuleValues } from './ruleValues';
import { SecretRows } from './SecretRows';
import { SourceFields } from './SourceFields';
import { TriggerFields } from './TriggerFields';
import { TryRule } from './TryRule';

interface RuleFormProps {
  /** Where the image is pulled from, for the command below the paths. */
  address: string;
  /** The image that a trial is asked of; a new image has none yet. */
  image?: string;
  rule?: Rule;
  first: RuleValues;
  /** Fields in front: a new image's own. */
  head?: ReactNode;
  /** Whether something is typed in those. It stays where another way to make the image is chosen, and what is below does not. */
  headTyped?: boolean;
  /** Whether the source can be chosen; of somebody else's it is only shown. */
  mayPoint: boolean;
  /** Rejects with what the server did not take. */
  onSubmit: (values: RuleValues) => Promise<unknown>;
  /** Where whoever gives up goes. */
  cancel: Pick<LinkProps, 'to' | 'params' | 'search'>;
}

/** The form of a rule, with what its images would be called beside it. */
export function RuleForm({ address, image, rule, first, head, headTyped = false, mayPoint, onSubmit, cancel }: RuleFormProps) {
  const say = useWords();
  const form = useRef<HTMLFormElement>(null);
  const [values, setValues] = useState(first);
  const [own, setOwn] = useState<Partial<Record<string, string>>>({});
  const [problem, setProblem] = useState<unknown>();
  const [saving, setSaving] = useState(false);
  const [left, setLeft] = useState(false);

  const change = (part: Partial<RuleValues>) => {
    setValues((before) => ({ ...before, ...part }));
    setOwn((before) => Object.fromEntries(Object.entries(before).filter(([field]) => !(field in part))));
  };
  const errorOf = (field: string) => own[field] ?? (isProblem(problem) && matches(problem.field, field) ? problem.beside : undefined);
  const fields: FieldsProps = { values, change, errorOf };
  const focusFirst = () => requestAnimationFrame(() => form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const missing = findMissing(values).filter((field) => mayPoint || (field !== 'source' && field !== 'remote'));
    setOwn(Object.fromEntries(missing.map((field) => [field, say('console.core.required')])));
    setProblem(undefined);
    if (missing.length > 0) return focusFirst();
    setSaving(true);
    try {
      setLeft(true);
      await onSubmit(values);
    } catch (error) {
      setLeft(false);
      setProblem(error);
      focusFirst();
    } finally {
      setSaving(false);
    }
  };
  const general = problem !== undefined && !(isProblem(problem) && shown.some((field) => matches(problem.field, field)));
  return (
    <form ref={form} onSubmit={submit} noValidate className={classes.root}>
      <LeaveGuard dirty={(values !== first || headTyped) && !left} inPage={values === first || head === undefined} />
      <Stack gap={24} className={classes.fields}>
        {head}
        {image && (
          <Input.Wrapper label={say('console.images.address')} labelElement="div">
            <div className="mono">{address}</div>
          </Input.Wrapper>
        )}
        <Group align="flex-end" gap="xl">
          <TextInput label={say('console.rules.name')} value={values.name} onChange={(event) => change({ name: event.currentTarget.value })} spellCheck={false} autoCapitalize="none" error={errorOf('name')} w={240} />
          {rule && <Checkbox mb={8} label={say('console.rules.enabled')} checked={values.enabled} onChange={(event) => change({ enabled: event.currentTarget.checked })} />}
        </Group>
        {mayPoint ? <SourceFields {...fields} /> : rule && <FixedSource rule={rule} />}
        <TriggerFields {...fields} />
        <NamingFields {...fields} />
        <Stack gap="sm">
          <Group align="flex-start" gap="md" grow preventGrowOverflow={false}>
            <TextInput label={say('console.builds.dockerfile_path')} placeholder="Dockerfile" value={values.dockerfile} onChange={(event) => change({ dockerfile: event.currentTarget.value })} spellCheck={false} error={errorOf('dockerfile')} />
            <TextInput label={say('console.rules.directory')} placeholder="./" value={values.directory} onChange={(event) => change({ directory: event.currentTarget.value })} spellCheck={false} error={errorOf('directory')} />
          </Group>
          <CommandLine label={say('console.rules.command')} text={writeDockerCommand(values, `${address}:…`)} />
        </Stack>
        <Input.Wrapper label={say('console.rules.build_args')} labelElement="div">
          <ArgumentRows rows={values.args} onChange={(args) => change({ args })} error={errorOf('build_args')} />
        </Input.Wrapper>
        <div className={classes.parts}>
          <Disclosure title={say('console.rules.secrets')}>
            <SecretRows {...fields} set={rule?.secrets ?? []} />
          </Disclosure>
          <Disclosure title={say('console.rules.advanced')}>
            <AdvancedFields {...fields} />
          </Disclosure>
          <Disclosure title={say('console.rules.push_also')} opened={values.pushes}>
            <PushFields {...fields} />
          </Disclosure>
        </div>
        {general && <ErrorState problem={problem} />}
        <FormButtons pending={saving} cancel={cancel} />
      </Stack>
      <Stack gap="lg" className={classes.beside}>
        <NamingPreview values={values} />
        {image && <TryRule image={image} values={values} rule={rule} />}
      </Stack>
    </form>
  );
}

/** Fields that say by themselves what is wrong with them. */
const shown = [
  'name', 'source', 'remote', 'trigger', 'trigger.tag_patterns', 'trigger.branch_patterns', 'naming', 'naming.prefix', 'naming.templates',
  'naming.lines', 'naming.also', 'dockerfile', 'directory', 'build_args', 'secrets', 'target', 'platforms', 'limits.timeout_seconds',
  'limits.memory_bytes', 'push_also',
];

/** The API names a field of the definition with or without the name of the definition, and parts of it behind a dot. */
function matches(named: string | undefined, field: string): boolean {
  const path = named?.replace(/^(rule\.)?(definition\.)?/, '').replace(/\[\d+\].*$/, '');
  return path === field;
}

/** A source that is somebody else's: shown, and who can point the rule elsewhere. */
function FixedSource({ rule }: { rule: Rule }) {
  const say = useWords();
  return (
    <Input.Wrapper label={say('console.builds.code_source')} labelElement="div" description={say('console.rules.source_of', { owner: rule.source.owner })}>
      <div className="mono">
        {rule.source.address}/{rule.remote}
      </div>
    </Input.Wrapper>
  );
}
