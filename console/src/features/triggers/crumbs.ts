// Where the pages of an image's triggers are, from the top down.
import type { Say } from '@/app/words';
import type { Crumb } from '@/ui/Crumbs';

export const listTriggerCrumbs = (name: string, say: Say): Crumb[] => [
  { label: say('console.core.nav.images'), to: '/images' },
  { label: name, to: '/images/$name', params: { name } },
  { label: say('console.images.tab.triggers'), to: '/images/$name/triggers', params: { name } },
];

export const listDeliveryCrumbs = (name: string, say: Say): Crumb[] => [
  ...listTriggerCrumbs(name, say),
  { label: say('console.triggers.deliveries'), to: '/images/$name/triggers/deliveries', params: { name } },
];
