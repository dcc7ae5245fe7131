// Where the pages of triggers are: of an image, or of a namespace.
import type { LinkProps } from '@tanstack/react-router';
import type { TriggerPlace } from '@/api/triggers';
import type { DeliveriesSearch } from './search';

type Link = Pick<LinkProps, 'to' | 'params' | 'search'>;

/** The log has this place among the triggers; a trigger may be called so. */
const TAKEN = 'deliveries';

/** No name begins with a hyphen. */
const writeTriggerAddress = (trigger: string) => (trigger === TAKEN ? `-${trigger}` : trigger);
export const readTriggerAddress = (address: string) => address.replace(/^-/, '');

export const linkToTriggers = (place: TriggerPlace): Link =>
  place.repository === undefined
    ? { to: '/namespaces/$namespace/triggers', params: { namespace: place.namespace } }
    : { to: '/images/$name/triggers', params: { name: place.repository } };

export const linkToNewTrigger = (place: TriggerPlace): Link =>
  place.repository === undefined
    ? { to: '/namespaces/$namespace/triggers/-/new', params: { namespace: place.namespace } }
    : { to: '/images/$name/triggers/-/new', params: { name: place.repository } };

export const linkToTrigger = (place: TriggerPlace, trigger: string): Link =>
  place.repository === undefined
    ? { to: '/namespaces/$namespace/triggers/$trigger', params: { namespace: place.namespace, trigger: writeTriggerAddress(trigger) } }
    : { to: '/images/$name/triggers/$trigger', params: { name: place.repository, trigger: writeTriggerAddress(trigger) } };

export const linkToDeliveries = (place: TriggerPlace, search: DeliveriesSearch = {}): Link =>
  place.repository === undefined
    ? { to: '/namespaces/$namespace/triggers/deliveries', params: { namespace: place.namespace }, search }
    : { to: '/images/$name/triggers/deliveries', params: { name: place.repository }, search };

/** A delivery is always about one image. */
export const linkToDelivery = (repository: string, delivery: string): Link => ({
  to: '/images/$name/triggers/deliveries/$delivery',
  params: { name: repository, delivery },
});
