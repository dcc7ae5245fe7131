import { Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type Source, sourceRulesQuery, useDisconnectSource } from '@/api/sources';
import { useWords } from '@/app/words';
import { Confirm } from '@/ui/Confirm';
import { FormSkeleton } from '@/ui/skeletons';
import { hostOf } from './kinds';

interface DisconnectProps {
  source: Source;
  onClose: () => void;
  onDone: () => void;
}

/** 取消授权: names the rules that stop before the account goes. */
export default function Disconnect({ source, onClose, onDone }: DisconnectProps) {
  const say = useWords();
  const rules = useQuery(sourceRulesQuery(source.id));
  const disconnect = useDisconnectSource();
  return (
    <Confirm
      title={say('console.sources.disconnect_named', { name: hostOf(source.address) })}
      action={say('console.sources.disconnect')}
      danger
      ready={rules.isSuccess}
      onConfirm={() => disconnect.mutate(source.id, { onSuccess: onDone })}
      onClose={onClose}
      pending={disconnect.isPending}
      problem={rules.error ?? disconnect.error}
    >
      {rules.isPending ? (
        <FormSkeleton fields={1} />
      ) : rules.data && rules.data.length > 0 ? (
        <div>
          <Text fw={600}>{say('console.sources.rules_stop', { count: rules.data.length })}</Text>
          <ul style={{ margin: '4px 0 0', paddingInlineStart: 20 }}>
            {rules.data.map((use) => (
              <li key={`${use.repository} ${use.rule}`}>
                {use.repository} · {use.rule} <span className="muted">{use.remote}</span>
              </li>
            ))}
          </ul>
        </div>
      ) : (
        rules.data && <Text>{say('console.sources.no_rules_stop')}</Text>
      )}
    </Confirm>
  );
}
