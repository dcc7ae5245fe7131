import { useSuspenseQuery } from '@tanstack/react-query';
import { repositoryQuery } from '@/api/repositories';
import { useWords } from '@/app/words';
import { ImageFrame } from '@/features/images/ImageFrame';
import type { RunSearch } from './search';
import { TriggerList } from './TriggerList';

/** The tab 触发器 of an image. */
export function TriggersPage({ name, search }: { name: string; search: RunSearch }) {
  const say = useWords();
  const image = useSuspenseQuery(repositoryQuery(name)).data;
  const manages = image.may.includes('manage_triggers');
  return (
    <ImageFrame name={name} tab={say('console.images.tab.triggers')} quiet={manages}>
      <TriggerList place={{ repository: name }} namespace={image.namespace} manages={manages} search={search} />
    </ImageFrame>
  );
}
