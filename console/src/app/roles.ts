// What somebody is to a namespace, in words.
import type { Role } from '@/api/namespaces';
import type { Say, WordKey } from './words';

const words: Record<Role, WordKey> = {
  reader: 'console.core.role.reader',
  developer: 'console.core.role.developer',
  maintainer: 'console.core.role.maintainer',
  owner: 'console.core.role.owner',
  admin: 'console.core.role.admin',
};

/** Of a role that this console does not know, nothing is said. */
export function sayRole(role: Role, say: Say): string;
export function sayRole(role: unknown, say: Say): string | undefined;
export function sayRole(role: unknown, say: Say) {
  return typeof role === 'string' && role in words ? say(words[role as Role]) : undefined;
}
