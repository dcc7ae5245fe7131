import { Alert, Button, Group, Text } from '@mantine/core';
import { IconAlertOctagonFilled } from '@tabler/icons-react';
import { isProblem } from '@/api/problem';
import { useWords } from '@/app/words';
import { Copy } from './Copy';

interface ErrorStateProps {
  problem: unknown;
  /** What asks again; without it there is no button. */
  retry?: () => void;
}

/** What went wrong, where the content would be: the text, what to do, the request's id to copy, and again. */
export function ErrorState({ problem, retry }: ErrorStateProps) {
  const say = useWords();
  const known = isProblem(problem) ? problem : undefined;
  const text = known ? known.detail : say('console.core.page_broke');
  return (
    <Alert role="alert" color="danger" variant="outline" icon={<IconAlertOctagonFilled size={18} />} title={text}>
      {known?.hint && <Text>{known.hint}</Text>}
      {known?.requestId && (
        <Group gap={4} className="muted">
          {say('console.core.request_id')} <span className="mono">{known.requestId}</span>
          <Copy value={known.requestId} label={say('console.core.request_id')} />
        </Group>
      )}
      {retry && (
        <Button variant="default" mt="sm" onClick={retry}>
          {say('console.core.retry')}
        </Button>
      )}
    </Alert>
  );
}
