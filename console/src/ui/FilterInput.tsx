import { CloseButton, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { useState } from 'react';
import { useWords } from '@/app/words';

/** How long (ms) after the last key the list is asked: shorter asks for each letter, longer feels slow. */
const SETTLED = 250;

interface FilterInputProps {
  /** Its name, also shown in it: "Filter images". */
  label: string;
  value: string | undefined;
  onChange: (value: string | undefined) => void;
}

/** The field that narrows a list; the server searches. Esc empties it. */
export function FilterInput({ label, value, onChange }: FilterInputProps) {
  const say = useWords();
  const [typed, setTyped] = useState(value ?? '');
  const [shown, setShown] = useState(value);
  const settle = useDebouncedCallback((text: string) => onChange(text.trim() || undefined), SETTLED);
  // The address changed from outside, such as by going back.
  if (value !== shown) {
    setShown(value);
    if ((value ?? '') !== typed.trim()) setTyped(value ?? '');
  }
  const change = (text: string) => {
    setTyped(text);
    settle(text);
  };
  return (
    <TextInput
      type="search"
      aria-label={label}
      placeholder={label}
      leftSection={<IconSearch size={16} aria-hidden />}
      rightSection={typed !== '' && <CloseButton size="sm" aria-label={say('console.core.clear')} onClick={() => change('')} />}
      value={typed}
      onChange={(event) => change(event.currentTarget.value)}
      // Who leaves it goes elsewhere, and is not brought back by what was typed.
      onBlur={() => settle.flush()}
      onKeyDown={(event) => event.key === 'Escape' && typed !== '' && change('')}
      w={{ base: '100%', sm: 280 }}
    />
  );
}
