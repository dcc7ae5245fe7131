import { useSuspenseQuery } from '@tanstack/react-query';
import { repositoryQuery } from '@/api/repositories';
import { Page } from '@/app/Page';
import { useWords } from '@/app/words';
import { listTriggerCrumbs } from './crumbs';
import { NewTrigger } from './NewTrigger';

/** A new trigger of an image. */
export function NewTriggerPage({ name }: { name: string }) {
  const say = useWords();
  const image = useSuspenseQuery(repositoryQuery(name)).data;
  const title = say('console.triggers.add');
  return (
    <Page title={title} windowTitle={[title, name]} crumbs={listTriggerCrumbs(image, say)}>
      <NewTrigger place={{ repository: name }} namespace={image.namespace} />
    </Page>
  );
}
