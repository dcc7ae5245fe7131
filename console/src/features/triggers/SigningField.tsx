import { PasswordInput, Radio, Stack } from '@mantine/core';
import { useWords, type WordKey } from '@/app/words';
import type { ActionFieldsProps } from './ActionFields';
import type { Signing } from './draft';

interface SigningFieldProps extends ActionFieldsProps {
  /** The server can make one: receivers of webhooks are told it; a chat makes its own. */
  makes: boolean;
  hint: WordKey;
}

/** The secret that signs: as it is, none, a new one, or one that is typed in. It is never shown again. */
export function SigningField({ form, index, makes, hint }: SigningFieldProps) {
  const say = useWords();
  const action = form.values.actions[index];
  if (!action) return null;
  const path = `actions.${index}`;
  const choices: [Signing, WordKey][] = [
    ...(action.signed ? ([['keep', 'console.triggers.signing.keep']] as [Signing, WordKey][]) : []),
    ['none', action.signed ? 'console.triggers.signing.remove' : 'console.triggers.signing.none'],
    ...(makes ? ([['make', 'console.triggers.signing.make']] as [Signing, WordKey][]) : []),
    ['give', 'console.triggers.signing.give'],
  ];
  return (
    <Stack gap="sm">
      <Radio.Group label={say('console.triggers.signing_label')} description={say(hint)} {...form.getInputProps(`${path}.signing`)}>
        <Stack gap="sm" mt={4}>
          {choices.map(([value, word]) => (
            <Radio key={value} value={value} label={say(word)} />
          ))}
        </Stack>
      </Radio.Group>
      {action.signing === 'give' && (
        <PasswordInput
          label={say('console.triggers.secret')}
          autoComplete="new-password"
          visibilityToggleButtonProps={{ 'aria-label': say('console.triggers.show_secret') }}
          data-path={`${path}.secret`}
          {...form.getInputProps(`${path}.secret`)}
        />
      )}
    </Stack>
  );
}
