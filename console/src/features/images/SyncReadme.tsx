import { Group, Stack, Switch, Text } from '@mantine/core';
import { useSuspenseQuery } from '@tanstack/react-query';
import { type Rule, rulesQuery, useEditRule } from '@/api/rules';
import '@/app/styles/forms';
import { useWords } from '@/app/words';
import { ErrorState } from '@/ui/ErrorState';
import { TextLink } from '@/ui/links';

/** 同步README: a switch of the image's rule; of several rules each has its own, on its page. Nothing where nothing is built. */
export default function SyncReadme({ name }: { name: string }) {
  const say = useWords();
  const rules = useSuspenseQuery(rulesQuery(name)).data;
  const [first, ...others] = rules;
  if (!first) return null;
  if (others.length === 0) return <OneSwitch name={name} rule={first} />;
  return (
    <section aria-label={say('console.images.sync_readme')}>
      <Stack gap={4}>
        <Text fw={600}>{say('console.images.sync_readme')}</Text>
        <Text c="dimmed">{say('console.images.sync_readme_rules')}</Text>
        <Group gap="4px 16px">
          {rules.map((rule) => (
            <TextLink key={rule.id} to="/images/$name/rules/$rule" params={{ name, rule: rule.name }}>
              {say(rule.definition.readme ? 'console.images.sync_readme_on' : 'console.images.sync_readme_off', { name: rule.name })}
            </TextLink>
          ))}
        </Group>
      </Stack>
    </section>
  );
}

function OneSwitch({ name, rule }: { name: string; rule: Rule }) {
  const say = useWords();
  const edit = useEditRule(name, rule.name);
  // Shown before the server agreed; taken back when it did not.
  const readme = edit.isPending ? (edit.variables.definition?.readme ?? rule.definition.readme) : rule.definition.readme;
  return (
    <section>
      <Switch
        label={say('console.images.sync_readme')}
        description={say('console.images.sync_readme_text')}
        checked={readme}
        onChange={(event) => edit.mutate({ definition: { readme: event.currentTarget.checked } })}
      />
      {edit.error && <ErrorState problem={edit.error} />}
    </section>
  );
}
