// Where an image is, from the top down: what all of its pages begin with.
import type { Repository } from '@/api/repositories';
import type { Say } from '@/app/words';
import type { Crumb } from '@/ui/Crumbs';

/** To the image: whoever belongs to its namespace came from there; others found a public image. */
export const listImageCrumbs = ({ namespace, role }: Pick<Repository, 'namespace' | 'role'>, say: Say): Crumb[] =>
  role
    ? [
        { label: say('console.core.nav.images'), to: '/images' },
        { label: namespace, to: '/namespaces/$namespace', params: { namespace } },
      ]
    : [
        { label: say('console.core.nav.explore'), to: '/explore' },
        { label: namespace, to: '/explore', search: { q: `${namespace}/` } },
      ];

/** To what lies under it; the rest of its name is one step. A name without a slash lies in a namespace that is no part of it. */
export const listCrumbsInImage = (image: Pick<Repository, 'name' | 'namespace' | 'role'>, say: Say): Crumb[] => [
  ...listImageCrumbs(image, say),
  {
    label: image.name.startsWith(`${image.namespace}/`) ? image.name.slice(image.namespace.length + 1) : image.name,
    to: '/images/$name',
    params: { name: image.name },
  },
];
