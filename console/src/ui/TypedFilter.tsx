import { TextInput } from '@mantine/core';
import { useState } from 'react';
import '@/app/styles/forms';

interface TypedFilterProps {
  label: string;
  value: string | undefined;
  onChange: (value: string | undefined) => void;
  /** A hint of what is typed there. */
  example?: string;
}

/** The server compares it whole, so that it is asked once somebody is done typing: Enter, or leaving the field. */
export function TypedFilter({ label, value, onChange, example }: TypedFilterProps) {
  const [typed, setTyped] = useState(value ?? '');
  const [shown, setShown] = useState(value);
  // The address changed from outside, such as by going back.
  if (value !== shown) {
    setShown(value);
    setTyped(value ?? '');
  }
  const settle = () => {
    const wanted = typed.trim() || undefined;
    if (wanted !== value) onChange(wanted);
  };
  return (
    <TextInput
      label={label}
      placeholder={example}
      autoCapitalize="none"
      autoComplete="off"
      spellCheck={false}
      value={typed}
      onChange={(event) => setTyped(event.currentTarget.value)}
      onBlur={settle}
      onKeyDown={(event) => event.key === 'Enter' && settle()}
      w={{ base: '100%', sm: 180 }}
    />
  );
}
