import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type Source, sourceRulesQuery, useDisconnectSource } from '@/api/sources';
import '@/app/styles/overlays';
import { useWords } from '@/app/words';
import { ErrorState } from '@/ui/ErrorState';
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
    <Modal opened onClose={onClose} centered title={say('console.sources.disconnect_named', { name: hostOf(source.address) })} closeButtonProps={{ 'aria-label': say('console.core.close') }}>
      <Stack gap="lg">
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
          <Text>{say('console.sources.no_rules_stop')}</Text>
        )}
        {(rules.error ?? disconnect.error) && <ErrorState problem={rules.error ?? disconnect.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            {say('console.core.cancel')}
          </Button>
          <Button color="danger" loading={disconnect.isPending} aria-disabled={!rules.data} onClick={() => rules.data && disconnect.mutate(source.id, { onSuccess: onDone })}>
            {say('console.sources.disconnect')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
