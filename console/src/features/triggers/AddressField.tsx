import { TextInput } from '@mantine/core';
import { useWords } from '@/app/words';
import type { ActionFieldsProps } from './ActionFields';

interface AddressFieldProps extends ActionFieldsProps {
  label: string;
  hint: string;
}

/** Where something is sent. It is a secret: stored, only its host is shown, and an empty field keeps it. */
export function AddressField({ form, index, label, hint }: AddressFieldProps) {
  const say = useWords();
  const action = form.values.actions[index];
  if (!action) return null;
  const path = `actions.${index}.url`;
  return (
    <TextInput
      type="url"
      inputMode="url"
      label={label}
      description={action.address ? say('console.triggers.address_set', { host: action.address }) : hint}
      placeholder={action.address ? say('console.triggers.set') : 'https://'}
      autoComplete="off"
      spellCheck={false}
      data-path={path}
      {...form.getInputProps(path)}
    />
  );
}
