import { Radio, Stack } from '@mantine/core';
import '@/app/styles/forms';
import { useWords } from '@/app/words';

interface TypeFieldProps {
  /** Whether it is public. */
  open: boolean;
  onChange: (open: boolean) => void;
}

/** 类型: who may pull, each choice with what it means. */
export function TypeField({ open, onChange }: TypeFieldProps) {
  const say = useWords();
  return (
    <Radio.Group label={say('console.core.type')} value={open ? 'public' : 'private'} onChange={(value) => onChange(value === 'public')}>
      <Stack gap={8} mt={8}>
        <Radio value="private" label={say('console.core.private')} description={say('console.images.private_text')} />
        <Radio value="public" label={say('console.core.public')} description={say('console.images.public_text')} />
      </Stack>
    </Radio.Group>
  );
}
