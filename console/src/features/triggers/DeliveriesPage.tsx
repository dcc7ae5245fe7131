import { useSuspenseQuery } from '@tanstack/react-query';
import { repositoryQuery } from '@/api/repositories';
import { Page } from '@/app/Page';
import { useWords } from '@/app/words';
import { listTriggerCrumbs } from './crumbs';
import { DeliveryList } from './DeliveryList';
import type { DeliveriesSearch } from './search';

interface DeliveriesPageProps {
  name: string;
  search: DeliveriesSearch;
  onSearch: (part: DeliveriesSearch) => void;
}

/** 触发记录 of an image, those of its namespace's triggers included. */
export function DeliveriesPage({ name, search, onSearch }: DeliveriesPageProps) {
  const say = useWords();
  const image = useSuspenseQuery(repositoryQuery(name)).data;
  const title = say('console.triggers.deliveries');
  return (
    <Page title={title} windowTitle={[title, name]} crumbs={listTriggerCrumbs(image, say)}>
      <DeliveryList place={{ repository: name }} search={search} onSearch={onSearch} />
    </Page>
  );
}
