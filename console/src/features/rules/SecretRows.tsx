import { Group, PasswordInput, Stack, TextInput } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import type { Rule } from '@/api/rules';
import { useWords } from '@/app/words';
import { FieldRows } from '@/ui/FieldRows';
import { IconButton } from '@/ui/IconButton';
import type { FieldsProps } from './fields';

/** Build secrets: those that are set are named and never shown; new values are typed. */
export function SecretRows({ values, change, errorOf, set }: FieldsProps & { set: Rule['secrets'] }) {
  const say = useWords();
  const { secrets, forgotten } = values;
  const kept = set.filter((secret) => !forgotten.includes(secret.name));
  return (
    <Stack gap="sm">
      <p className="muted" style={{ margin: 0 }}>
        {say('console.rules.secrets_text')}
      </p>
      {kept.map((secret) => (
        <Group key={secret.name} gap="sm">
          <span className="mono">{secret.name}</span>
          <span className="muted">{say('console.rules.secret_set')}</span>
          <IconButton aria-label={say('console.rules.remove_named', { name: secret.name })} onClick={() => change({ forgotten: [...forgotten, secret.name] })}>
            <IconX size={16} />
          </IconButton>
        </Group>
      ))}
      <FieldRows
        rows={secrets}
        onChange={(rows) => change({ secrets: rows })}
        make={(key) => ({ key, name: '', value: '' })}
        addLabel={say('console.rules.add_secret')}
        removeLabel={(row, index) => say('console.rules.remove_named', { name: row.name || String(index + 1) })}
        error={errorOf('secrets')}
      >
        {(row, edit, index) => (
          <>
            <TextInput
              aria-label={say('console.rules.secret_id', { number: index + 1 })}
              placeholder="npm_token"
              value={row.name}
              onChange={(event) => edit({ name: event.currentTarget.value })}
              spellCheck={false}
              autoComplete="off"
              flex="1 1 100px"
            />
            <PasswordInput
              aria-label={say('console.rules.secret_value', { number: index + 1 })}
              value={row.value}
              onChange={(event) => edit({ value: event.currentTarget.value })}
              autoComplete="new-password"
              visibilityToggleButtonProps={{ 'aria-label': say('console.core.show_password') }}
              flex="2 1 140px"
            />
          </>
        )}
      </FieldRows>
    </Stack>
  );
}
