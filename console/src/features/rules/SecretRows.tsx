import { ActionIcon, Button, Group, Input, PasswordInput, Stack, TextInput } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import type { Rule } from '@/api/rules';
import { useWords } from '@/app/words';
import type { FieldsProps } from './fields';

/** Build secrets: those that are set are named and never shown; new values are typed. */
export function SecretRows({ values, change, errorOf, set }: FieldsProps & { set: Rule['secrets'] }) {
  const say = useWords();
  const { secrets, forgotten } = values;
  const kept = set.filter((secret) => !forgotten.includes(secret.name));
  const edit = (key: number, part: { name?: string; value?: string }) =>
    change({ secrets: secrets.map((row) => (row.key === key ? { ...row, ...part } : row)) });
  const add = () => change({ secrets: [...secrets, { key: Math.max(-1, ...secrets.map((row) => row.key)) + 1, name: '', value: '' }] });
  return (
    <Stack gap="sm">
      <p className="muted" style={{ margin: 0 }}>
        {say('console.rules.secrets_text')}
      </p>
      {kept.map((secret) => (
        <Group key={secret.name} gap="sm">
          <span className="mono">{secret.name}</span>
          <span className="muted">{say('console.rules.secret_set')}</span>
          <ActionIcon aria-label={say('console.rules.remove_named', { name: secret.name })} onClick={() => change({ forgotten: [...forgotten, secret.name] })}>
            <IconX size={16} />
          </ActionIcon>
        </Group>
      ))}
      {secrets.map((row, index) => (
        <Group key={row.key} gap="sm" wrap="nowrap">
          <TextInput aria-label={say('console.rules.secret_id', { number: index + 1 })} placeholder="npm_token" value={row.name} onChange={(event) => edit(row.key, { name: event.currentTarget.value })} spellCheck={false} autoComplete="off" flex={1} />
          <PasswordInput aria-label={say('console.rules.secret_value', { number: index + 1 })} value={row.value} onChange={(event) => edit(row.key, { value: event.currentTarget.value })} autoComplete="new-password" visibilityToggleButtonProps={{ 'aria-label': say('console.core.show_password') }} flex={2} />
          <ActionIcon aria-label={say('console.rules.remove_named', { name: row.name || String(index + 1) })} onClick={() => change({ secrets: secrets.filter((each) => each.key !== row.key) })}>
            <IconX size={16} />
          </ActionIcon>
        </Group>
      ))}
      {errorOf('secrets') && <Input.Error>{errorOf('secrets')}</Input.Error>}
      <Group>
        <Button variant="default" leftSection={<IconPlus size={16} aria-hidden />} onClick={add}>
          {say('console.rules.add_secret')}
        </Button>
      </Group>
    </Stack>
  );
}
