import { Modal } from '@mantine/core';
import type { AuditEntry } from '@/api/activity';
import '@/app/styles/overlays';
import { useWords, type WordKey } from '@/app/words';
import { Copy } from '@/ui/Copy';
import { Fact, Facts } from '@/ui/Facts';
import { Time } from '@/ui/Time';
import { nameAction } from './auditActions';

const kinds: Record<AuditEntry['actor_kind'], WordKey> = {
  user: 'console.activity.actor_kind.user',
  robot: 'console.activity.actor_kind.robot',
  token: 'console.activity.actor_kind.token',
  anonymous: 'console.activity.actor_kind.anonymous',
  build: 'console.activity.actor_kind.build',
  system: 'console.activity.actor_kind.system',
};

/** A line of the audit log with all that it says. */
export default function AuditDetails({ entry, onClose }: { entry: AuditEntry; onClose: () => void }) {
  const say = useWords();
  return (
    <Modal opened onClose={onClose} title={nameAction(say, entry.action)} size="lg" closeButtonProps={{ 'aria-label': say('console.core.close') }}>
      <Facts>
        <Fact label={say('console.core.time')}>
          <Time at={entry.at} mode="record" />
        </Fact>
        <Fact label={say('console.activity.actor')}>{`${entry.actor} (${say(kinds[entry.actor_kind])})`}</Fact>
        <Fact label={say('console.activity.action')}>
          <span className="mono">{entry.action}</span>
        </Fact>
        <Fact label={say('console.activity.object')}>{entry.target}</Fact>
        <Fact label={say('console.core.namespace')}>{entry.namespace}</Fact>
        <Fact label={say('console.activity.address')}>
          <span className="mono">{entry.address}</span>
        </Fact>
        <Fact label={say('console.core.request_id')}>
          <span className="mono">{entry.request_id}</span> <Copy value={entry.request_id} label={say('console.core.request_id')} />
        </Fact>
      </Facts>
      {Object.keys(entry.details).length > 0 && (
        <pre className="mono" style={{ margin: 0, whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
          {JSON.stringify(entry.details, null, 2)}
        </pre>
      )}
    </Modal>
  );
}
