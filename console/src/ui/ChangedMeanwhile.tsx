import { Button } from '@mantine/core';
import { useWords } from '@/app/words';
import { Notice } from './Notice';

interface ChangedMeanwhileProps {
  user: string;
  /** Puts what is there now into the form. */
  onLoad: () => void;
}

/** Above a form whose object somebody else saved since it was opened: what they did is not written over. */
export function ChangedMeanwhile({ user, onLoad }: ChangedMeanwhileProps) {
  const say = useWords();
  return (
    <Notice tone="warning" title={say('console.core.changed_by', { user })}>
      <Button variant="default" onClick={onLoad}>
        {say('console.core.load')}
      </Button>
    </Notice>
  );
}
