import { Button, Group } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useQueryClient, useSuspenseQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { isProblem } from '@/api/problem';
import { type Repository, repositoryQuery } from '@/api/repositories';
import { deleteSecret, type Rule, ruleKeys, ruleQuery, setSecret, useCreateRule, useEditRule } from '@/api/rules';
import { useLiveQuery } from '@/app/events';
import { Page } from '@/app/Page';
import { type Say, useWords } from '@/app/words';
import { listCrumbsInImage } from '@/features/images/crumbs';
import { ChangedMeanwhile } from '@/ui/ChangedMeanwhile';
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

/** Takes secrets away and sets those that were typed. */
async function saveSecrets(name: string, rule: Rule, values: RuleValues) {
  for (const secret of values.forgotten) {
    await deleteSecret(name, rule.name, secret).catch((error: unknown) => {
      // An earlier try took it away.
      if (!isProblem(error, 'not_found')) throw error;
    });
  }
  for (const [secret, value] of Object.entries(readArguments(values.secrets))) await setSecret(name, rule.name, secret, value);
}

/** A rule to be edited or deleted. The form keeps what was opened: what comes in meanwhile does not touch what is typed. */
export function RulePage({ name, rule: ruleName }: { name: string; rule: string }) {
  const say = useWords();
  const navigate = useNavigate();
  const image = useSuspenseQuery(repositoryQuery(name)).data;
  const queries = useQueryClient();
  const rule = useSuspenseQuery(ruleQuery(name, ruleName)).data;
  useLiveQuery(`rules:${name}`, ruleKeys.one(name, ruleName));
  const [opened, setOpened] = useState(rule);
  const edit = useEditRule(name, opened.name);
  const [shown, setShown] = useState({ first: ruleValues(rule), loads: 0 });
  const [deleting, setDeleting] = useState(false);
  const load = async () => {
    const latest = await queries.fetchQuery({ ...ruleQuery(name, ruleName), staleTime: 0 });
    setOpened(latest);
    setShown((before) => ({ first: ruleValues(latest), loads: before.loads + 1 }));
  };
  const builds = linkToBuilds(name);
  const back = () => navigate(builds);
  const title = say('console.rules.title', { name: rule.name });
  const save = async (values: RuleValues) => {
    const saved = await edit.mutateAsync({ ...readChanges(values, opened), version: opened.version }).catch(async (error: unknown) => {
      if (isProblem(error, 'conflict')) await queries.invalidateQueries({ queryKey: ruleQuery(name, ruleName).queryKey });
      throw error;
    });
    // Where a secret is refused, the rest is saved and the form stays as it is, for the next try.
    setOpened(saved);
    try {
      await saveSecrets(name, saved, values);
    } finally {
      await queries.invalidateQueries({ queryKey: ruleKeys.all(name) });
    }
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
      {rule.version > opened.version && !edit.isPending && (
        <div style={{ marginBottom: 16 }}>
          <ChangedMeanwhile user={rule.changed_by} onLoad={() => void load()} />
        </div>
      )}
      <RuleForm
        key={shown.loads}
        address={image.address}
        image={name}
        rule={opened}
        first={shown.first}
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
