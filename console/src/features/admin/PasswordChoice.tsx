import { PasswordInput, Radio, Stack } from '@mantine/core';
import '@/app/styles/forms';
import { useWords } from '@/app/words';

/** The server refuses less than this; saying it here saves a round. */
export const SHORTEST = 8;

interface PasswordChoiceProps {
  /** The password that is set; `undefined` where the server shall make one. */
  value: string | undefined;
  onChange: (value: string | undefined) => void;
  error?: string;
}

/** Whether the server makes a password, or which one it is. The field has the name `password`. */
export function PasswordChoice({ value, onChange, error }: PasswordChoiceProps) {
  const say = useWords();
  return (
    <Stack gap="sm">
      <Radio.Group label={say('console.core.password')} value={value === undefined ? 'made' : 'given'} onChange={(way) => onChange(way === 'made' ? undefined : '')}>
        <Stack gap={8} mt={4}>
          <Radio value="made" label={say('console.admin.users.password_made')} description={say('console.admin.users.password_made_hint')} />
          <Radio value="given" label={say('console.admin.users.password_given')} />
        </Stack>
      </Radio.Group>
      {value !== undefined && (
        <PasswordInput
          name="password"
          label={say('console.core.new_password')}
          description={say('console.core.password_hint', { least: SHORTEST })}
          autoComplete="new-password"
          visibilityToggleButtonProps={{ 'aria-label': say('console.core.show_password') }}
          value={value}
          onChange={(event) => onChange(event.currentTarget.value)}
          error={error}
        />
      )}
    </Stack>
  );
}
