import { Button, Group } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useSuspenseQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { type Repository, repositoryQuery } from '@/api/repositories';
import { deleteSecret, ruleQuery, setSecret, useCreateRule, useEditRule } from '@/api/rules';
import { Page } from '@/app/Page';
import { type Say, useWords } from '@/app/words';
import { listCrumbsInImage } from '@/features/images/crumbs';
import type { Crumb } from '@/ui/Crumbs';
import { readArguments } from './ArgumentRows';
import { RuleForm } from './RuleForm';
import { newRuleValues, readChanges, readNewRule, type RuleValues, ruleValues } from './ruleValues';

const DeleteRule = lazy(() => import('./DeleteRule'));

const linkToBuilds = (name: string) => ({ to: '/images/$name/builds', params: { name } }) as const;

const listCrumbs = (image: Repository, say: Say): Crumb[] => [
  ...listCrumbsInImage(image, say),
  { label: say('console.images.tab.builds'), to: '/images/$name/builds', params: { name: image.name } },
];

/** A new rule. `source` is chosen already where there is only one. */
export function NewRulePage({ name, source }: { name: string; source?: string }) {
  const say = useWords();
  const navigate = useNavigate();
  const image = useSuspenseQuery(repositoryQuery(name)).data;
  const create = useCreateRule(name);
  const [first] = useState(() => newRuleValues(source));
  const builds = linkToBuilds(name);
  const back = () => navigate(builds);
  const title = say('console.builds.new_rule');
  return (
    <Page title={title} windowTitle={[title, name]} crumbs={listCrumbs(image, say)}>
      <RuleForm
        address={image.address}
        image={name}
        first={first}
        mayPoint
        cancel={builds}
        onSubmit={async (values) => {
          await create.mutateAsync(readNewRule(values));
          await back();
        }}
      />
    </Page>
  );
}

/** A rule to be edited or deleted. */
export function RulePage({ name, rule: ruleName }: { name: string; rule: string }) {
  const say = useWords();
  const navigate = useNavigate();
  const image = useSuspenseQuery(repositoryQuery(name)).data;
  const rule = useSuspenseQuery(ruleQuery(name, ruleName)).data;
  const edit = useEditRule(name, ruleName);
  const [first] = useState(() => ruleValues(rule));
  const [deleting, setDeleting] = useState(false);
  const builds = linkToBuilds(name);
  const back = () => navigate(builds);
  const title = say('console.rules.title', { name: rule.name });
  const save = async (values: RuleValues) => {
    const saved = await edit.mutateAsync(readChanges(values, rule));
    for (const secret of values.forgotten) await deleteSecret(name, saved.name, secret);
    for (const [secret, value] of Object.entries(readArguments(values.secrets))) await setSecret(name, saved.name, secret, value);
    await back();
  };
  return (
    <Page
      title={title}
      windowTitle={[title, name]}
      crumbs={listCrumbs(image, say)}
      actions={
        rule.may.includes('delete') && (
          <Group>
            <Button variant="default" leftSection={<IconTrash size={16} aria-hidden />} onClick={() => setDeleting(true)}>
              {say('console.rules.delete')}
            </Button>
          </Group>
        )
      }
    >
      <RuleForm
        key={rule.version}
        address={image.address}
        image={name}
        rule={rule}
        first={first}
        mayPoint={rule.may.includes('point') || rule.source.id === null}
        cancel={builds}
        onSubmit={save}
      />
      {deleting && (
        <Suspense fallback={null}>
          <DeleteRule image={name} rule={rule} onClose={() => setDeleting(false)} onDeleted={back} />
        </Suspense>
      )}
    </Page>
  );
}
