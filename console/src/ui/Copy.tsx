import { Button } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useWords } from '@/app/words';
import { announce } from './announce';
import { copyText } from './copy';
import { IconButton } from './IconButton';

/** How long (ms) the button says that it copied: shorter is missed, longer looks stuck. */
const SAID_FOR = 2000;

interface CopyProps {
  value: string;
  /** What is copied, as in "Copy address"; part of the button's name. */
  label: string;
  /** A button with its words instead of an icon. */
  spelled?: boolean;
}

/** A button that copies `value`; its name is 复制{label} / Copy {label}. */
export function Copy({ value, label, spelled }: CopyProps) {
  const say = useWords();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), SAID_FOR);
    return () => clearTimeout(timer);
  }, [copied]);

  const copy = async () => {
    if (!(await copyText(value))) return;
    setCopied(true);
    announce(say('console.core.copied'));
  };
  const name = say('console.core.copy', { what: label });
  const icon = copied ? <IconCheck size={16} color="var(--w-success)" /> : <IconCopy size={16} />;
  if (spelled) {
    return (
      <Button variant="default" leftSection={icon} onClick={copy}>
        {copied ? say('console.core.copied') : name}
      </Button>
    );
  }
  return (
    <IconButton aria-label={name} title={copied ? say('console.core.copied') : name} onClick={copy}>
      {icon}
    </IconButton>
  );
}
