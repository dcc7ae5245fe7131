import { Button } from '@mantine/core';
import { IconBan, IconRefresh } from '@tabler/icons-react';
import { useSuspenseQuery } from '@tanstack/react-query';
import { deliveryQuery, useDeliveryAct } from '@/api/deliveries';
import { repositoryQuery } from '@/api/repositories';
import { useWords } from '@/app/words';
import { RowError } from '@/ui/RowError';
import { isOver } from './state';

interface DeliveryActionsProps {
  repository: string;
  delivery: string;
}

/** Once more when it is over, off while it is not. */
export function DeliveryActions({ repository, delivery: id }: DeliveryActionsProps) {
  const say = useWords();
  const delivery = useSuspenseQuery(deliveryQuery(repository, id)).data;
  const { may } = useSuspenseQuery(repositoryQuery(repository)).data;
  const redeliver = useDeliveryAct(repository, 'redeliver');
  const cancel = useDeliveryAct(repository, 'cancel');
  const error = redeliver.error ?? cancel.error;
  if (!may.includes('run_triggers')) return null;
  return (
    <>
      <RowError problem={error} />
      {isOver(delivery) ? (
        <Button leftSection={<IconRefresh size={16} aria-hidden />} loading={redeliver.isPending} onClick={() => redeliver.mutate(id)}>
          {say('console.triggers.redeliver')}
        </Button>
      ) : (
        <Button variant="default" leftSection={<IconBan size={16} aria-hidden />} loading={cancel.isPending} onClick={() => cancel.mutate(id)}>
          {say('console.triggers.cancel_delivery')}
        </Button>
      )}
    </>
  );
}
