import { useSuspenseQuery } from '@tanstack/react-query';
import { deliveryQuery } from '@/api/deliveries';
import { repositoryQuery } from '@/api/repositories';
import { Page } from '@/app/Page';
import { useLanguage, useWords } from '@/app/words';
import { formatDuration } from '@/ui/format/duration';
import { listDeliveryCrumbs } from './crumbs';
import { DeliveryActions } from './DeliveryActions';
import { DeliveryDetails } from './DeliveryDetails';
import { DeliveryState } from './DeliveryState';

/** One delivery of an image. */
export function DeliveryPage({ name, delivery: id }: { name: string; delivery: string }) {
  const say = useWords();
  const language = useLanguage();
  const image = useSuspenseQuery(repositoryQuery(name)).data;
  const delivery = useSuspenseQuery(deliveryQuery(name, id)).data;
  const title = delivery.tag ? `${delivery.trigger} · ${delivery.tag}` : delivery.trigger;
  const took = delivery.ended_at ? new Date(delivery.ended_at).getTime() - new Date(delivery.created_at).getTime() : undefined;
  return (
    <Page
      title={title}
      windowTitle={[title, name]}
      crumbs={listDeliveryCrumbs(image, say)}
      beside={
        <>
          <DeliveryState delivery={delivery} rolledBack={delivery.progress?.rolled_back} />
          {took !== undefined && <span className="muted nowrap">{formatDuration(took, language)}</span>}
        </>
      }
      actions={<DeliveryActions repository={name} delivery={id} />}
    >
      <DeliveryDetails repository={name} delivery={id} />
    </Page>
  );
}
