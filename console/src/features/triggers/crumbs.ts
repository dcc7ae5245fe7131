// Where the pages of an image's triggers are, from the top down.
import type { Repository } from '@/api/repositories';
import type { Say } from '@/app/words';
import { listCrumbsInImage } from '@/features/images/crumbs';
import type { Crumb } from '@/ui/Crumbs';

export const listTriggerCrumbs = (image: Repository, say: Say): Crumb[] => [
  ...listCrumbsInImage(image, say),
  { label: say('console.images.tab.triggers'), to: '/images/$name/triggers', params: { name: image.name } },
];

export const listDeliveryCrumbs = (image: Repository, say: Say): Crumb[] => [
  ...listTriggerCrumbs(image, say),
  { label: say('console.triggers.deliveries'), to: '/images/$name/triggers/deliveries', params: { name: image.name } },
];
